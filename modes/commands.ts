import { formatKeys, generateKeys, rotateKeys, SIGNS_AFTER_MS } from "../auth/keys.ts";
import { offerSetup } from "../chat/accounts.ts";
import type { Data } from "../data/service.ts";
import { silent } from "../kit/log.ts";
import { Metrics } from "../kit/metrics.ts";
import { openData } from "./build.ts";
import { type Config, reasonOf, requireTogether, UsageError } from "./config.ts";
import { readKeys } from "./key_file.ts";
import { baseUrl, setupUrl } from "./places.ts";

/** What imserver does besides serving; each prints its result on standard output. */
export async function runCommand(words: readonly string[], config: Config): Promise<string> {
  const command = words.join(" ");
  if (command === "keys new") return formatKeys(generateKeys(Date.now()));
  if (command === "keys rotate") {
    await readKeys(config.keyFile, { create: false });
    const { keys } = await rotateKeys(config.keyFile, Date.now()).catch((error) => {
      throw new UsageError(`--key-file ${config.keyFile}: ${reasonOf(error)}`);
    });
    const signs = `it signs in ${SIGNS_AFTER_MS / 60_000} minutes; give every gateway the file by then`;
    return `${config.keyFile} has a new key, ${keys[0].kid}, and ${keys.length - 1} older; ${signs}\n`;
  }
  if (command === "admin-link") {
    return await onData(config, async (data) => {
      const token = await offerSetup(data, { now: Date.now(), onlyIfNew: false });
      return setupUrl(baseUrl(config, config.port), token!) + "\n";
    });
  }
  if (command === "epoch raise") {
    return await onData(config, async (data) => `epoch ${(await data.log.epoch({ raise: true })).epoch}\n`);
  }
  throw new UsageError(`there is no command "${command}"; imserver --help lists them`);
}

/** Works beside a running server, on the same database. */
async function onData(config: Config, work: (data: Data) => Promise<string>): Promise<string> {
  requireTogether({ ...config, mode: "both", dbproxy: undefined, grpcListen: undefined });
  if (config.database.kind === "sqlite" && !await exists(config.database.target)) {
    throw new UsageError(
      `--data-dir ${config.dataDir} holds no database; name the data folder of the server, or start it once`,
    );
  }
  const { part: data, close } = await openData(config, { log: silent, metrics: new Metrics() }, {
    waitMs: 0,
  });
  try {
    return await work(data);
  } finally {
    await close();
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
