import { loadOrCreateKeys } from "../auth/keys.ts";
import { createLoginThrottle } from "../auth/login_throttle.ts";
import { openPasswords } from "../auth/passwords.ts";
import { createTokens } from "../auth/tokens.ts";
import { createMemoryBus } from "../bus/memory.ts";
import { offerSetup } from "../chat/accounts.ts";
import { createHub } from "../chat/hub.ts";
import { createHandlers } from "../chat/mod.ts";
import { createPresence } from "../chat/presence.ts";
import { startSweep } from "../chat/sweep.ts";
import type { Data } from "../data/service.ts";
import { loadAssets } from "../gateway/assets.ts";
import { createHealthServer } from "../kit/health.ts";
import { createIds } from "../kit/ids.ts";
import type { Logger } from "../kit/log.ts";
import { openData } from "./build.ts";
import { type Config, reasonOf, UsageError } from "./config.ts";
import { lockDataDir, prepareDataDir } from "./data_dir.ts";
import { assetsFolder, baseUrl, setupUrl } from "./places.ts";
import { openGateway, openHealth } from "./ports.ts";
import type { Parts } from "./run.ts";
import { VERSION } from "./version.ts";
import { PASSWORD_WORKER, spawnWorker } from "./workers.ts";

/** The last part of the stopping deadline is for the parts below the gateway. */
const DRAIN_MS = 7_000;

/** Gateway and data in one process: a complete chat system that needs nothing else. */
export async function startBoth(config: Config, log: Logger, parts: Parts): Promise<void> {
  log.info(`imserver ${VERSION}`, { mode: "both", deno: Deno.version.deno, pid: Deno.pid });
  await prepareDataDir(config.dataDir);
  parts.add("data folder", await lockDataDir(config.dataDir));
  let unready: string | null = "starting";
  const health = createHealthServer(async () => unready ?? await answers(data));
  const opsPort = await openHealth(config, health);
  parts.add("health", () => void health.close());
  const keys = await readKeys(config.keyFile);

  const { part: data, close } = await openData(config, log);
  parts.add("data", close);
  const bus = createMemoryBus();
  parts.add("bus", () => bus.close());
  const passwords = openPasswords({ spawn: () => spawnWorker(PASSWORD_WORKER) });
  parts.add("passwords", () => passwords.close());

  const now = Date.now;
  const tokens = createTokens(keys, { now });
  const presence = createPresence({ bus, data, now });
  parts.add("presence", () => presence.close());
  const handlers = createHandlers({
    presence,
    data,
    bus,
    passwords,
    tokens,
    throttle: createLoginThrottle(),
    now,
    nextId: createIds(now),
    registration: config.registration,
    maxSessionsPerKind: config.maxSessionsPerKind,
    recallWindowMs: config.recallWindow * 1000,
  });
  const hub = createHub({
    bus,
    presence,
    listening: (userId) => data.conversations.listening({ userId }),
    tail: (request) => data.log.tail(request),
  });
  const sweep = startSweep({ feed: data.log, hub, log });
  parts.add("sweep", () => sweep.close());

  const gateway = await openGateway(config, {
    handlers,
    hub,
    tokens,
    sessions: data.sessions,
    epoch: async () => (await data.log.epoch({ raise: false })).epoch,
    assets: await loadAssets(assetsFolder()),
    log,
    now,
    maxConnectsPerSecond: config.maxConnectsPerSecond,
    allowedOrigins: config.publicUrl ? [new URL(config.publicUrl).origin] : [],
    secure: config.publicUrl?.startsWith("https:") ?? false,
  });
  parts.add("gateway", () => {
    unready = "stopping";
    return gateway.drain(DRAIN_MS);
  });
  unready = null;

  const url = baseUrl(config, gateway.port);
  log.info("data", { folder: Deno.realPathSync(config.dataDir), database: config.database.target });
  log.info("listening", {
    clients: `${config.host}:${gateway.port}`,
    operator: `${config.opsHost}:${opsPort}`,
  });
  const token = await offerSetup(data, { now: now(), onlyIfNew: true });
  if (token) {
    log.info("first run: make the admin with this link, once, within 24 hours", {
      link: setupUrl(url, token),
    });
  }
  log.info("ready", { url: `${url}/` });
}

async function readKeys(path: string) {
  try {
    return (await loadOrCreateKeys(path, Date.now())).keys;
  } catch (error) {
    if (!isPlain(error)) {
      const remedy = "name another file or give this user the right to read and make it";
      throw new UsageError(`--key-file ${path} cannot be used (${reasonOf(error)}); ${remedy}`);
    }
    // It begins with the path; where it does not end with a remedy, the content is wrong.
    const remedy = error.message.includes("; ") ? "" : "; imserver keys new prints a good one";
    throw new UsageError(`--key-file ${error.message}${remedy}`);
  }
}

/** Not the system's error but one that auth/keys.ts words itself. */
function isPlain(error: unknown): error is Error {
  return error instanceof Error && error.name === "Error" && !("code" in error);
}

/** Null when the database answers in time, else why not. */
async function answers(data: Data): Promise<string | null> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve("the database does not answer"), 2_000);
  try {
    return await Promise.race([data.users.get({ ids: [1] }).then(() => null), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
