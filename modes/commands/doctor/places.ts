import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadKeys } from "../../../auth/keys.ts";
import { createHealthServer } from "../../../kit/health.ts";
import { lockDataDir } from "../../data_dir.ts";
import { type Config, reasonOf, type Settings } from "../../config.ts";
import { readKeys } from "../../key_file.ts";
import { openHealth } from "../../ports.ts";
import { type Check, fault, ok, warning } from "./check.ts";

/** What lies on this machine: folders, files, ports, limits. */

const MB = 1e6;
const GB = 1e9;
/** A write-ahead log, a checkpoint and some files need room; below this a server soon stands still. */
const LEAST_FREE_BYTES = 200 * MB;
const LITTLE_FREE_BYTES = 2 * GB;
const FEW_FILES = 1_024;
const ENOUGH_FILES = 10_000;

type Said = ReturnType<typeof ok>;

/** A gateway writes nothing. */
export const keepsData = ({ mode, database }: Config) =>
  mode === "both" || (mode === "dbproxy" && database.kind === "sqlite");

export const dataFolder = (config: Config): Check => ({
  name: "data folder",
  look: async () => {
    const { dataDir } = config;
    const info = await Deno.stat(dataDir).catch((error) => {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
      throw error;
    });
    if (info === null) return await firstStart(dataDir);
    if (!info.isDirectory) return fault(`${dataDir} is no folder`, "name a folder with --data-dir");
    const bad = await whyNotWritable(dataDir);
    if (bad) {
      return fault(
        `${dataDir} cannot be written to (${bad})`,
        `chown it to the server's user, or choose another with --data-dir`,
      );
    }
    if (info.mode !== null && (info.mode & 0o077) !== 0) {
      return warning(`others than its owner may enter ${dataDir}`, `chmod 700 ${dataDir}`);
    }
    return ok(`${dataDir} can be written to${await isRunning(dataDir) ? "; a server runs on it" : ""}`);
  },
});

async function firstStart(dataDir: string): Promise<Said> {
  let above = dirname(dataDir);
  while (!await Deno.stat(above).then(() => true, () => false)) above = dirname(above);
  const bad = await whyNotWritable(above);
  return bad
    ? fault(
      `${dataDir} is not there and cannot be made (${bad})`,
      `make it, for the server's user, or choose another with --data-dir`,
    )
    : ok(`${dataDir} is not there; the first start makes it`);
}

async function whyNotWritable(folder: string): Promise<string | null> {
  const probe = join(folder, `.probe-${crypto.randomUUID()}`);
  try {
    await Deno.writeTextFile(probe, "", { createNew: true });
    await Deno.remove(probe);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Whether a server runs on the folder: it holds the lock. */
export async function isRunning(dataDir: string): Promise<boolean> {
  if (!await Deno.stat(join(dataDir, "imserver.lock")).then(() => true, () => false)) return false;
  return await lockDataDir(dataDir).then((release) => (release(), false), () => true);
}

export const diskSpace = (name: string, folder: string): Check => ({
  name,
  look: async () => {
    let there = folder;
    while (!await Deno.stat(there).then(() => true, () => false)) there = dirname(there);
    const { bavail, bsize } = await statfs(there);
    return judgeSpace(folder, bavail * bsize);
  },
});

export function judgeSpace(folder: string, freeBytes: number): Said {
  const said = `${
    freeBytes < GB ? `${Math.round(freeBytes / MB)} MB` : `${(freeBytes / GB).toFixed(1)} GB`
  } are free for ${folder}`;
  const remedy = "make room, or move the folder to a larger disk: when it is full, nothing can be sent";
  if (freeBytes < LEAST_FREE_BYTES) return fault(said, remedy);
  return freeBytes < LITTLE_FREE_BYTES ? warning(said, remedy) : ok(said);
}

export const keyFile = ({ mode, keyFile: path }: Config): Check => ({
  name: "key file",
  look: async () => {
    const there = await Deno.stat(path).then(() => true, () => false);
    if (!there && mode === "both") return ok(`${path} is not there; the first start makes it`);
    await readKeys(path, { create: false });
    const { keys } = await loadKeys(path);
    return ok(`${path} holds ${keys.length === 1 ? "one key" : `${keys.length} keys`}, for its owner only`);
  },
});

/** A settings file may hold passwords of the database and of Redis. */
export const settingsFile = ({ config, sources }: Settings): Check => ({
  name: "settings file",
  look: async () => {
    const path = config.config!;
    const { mode } = await Deno.stat(path);
    const secrets = ["database", "replica", "redis", "redisBus", "redisCache", "files"] as const;
    const held = secrets.filter((name) =>
      sources.get(name)?.source.endsWith(` in ${path}`) && /:\/\/[^/]*:[^/]*@/.test(sources.get(name)!.value)
    );
    if (held.length === 0 || mode === null || (mode & 0o077) === 0) return ok(`${path} can be read`);
    return warning(
      `${path} holds a password (${held.join(", ")}), and others may read it`,
      `chmod 600 ${path}`,
    );
  },
});

/** Opens it for a moment. Beside a running server it is taken, and that is well. */
export const portFree = (
  config: Config,
  name: string,
  { host, port, prefix }: { host: string; port: number; prefix: string },
): Check => ({
  name,
  look: async () => {
    if (port === 0) return ok("any free port");
    const server = createHealthServer(() => Promise.resolve(null));
    try {
      await openHealth({ ...config, opsHost: host, opsPort: port }, server);
      return ok(`${host}:${port} is free`);
    } catch (error) {
      const message = (error as Error).message.replaceAll("--ops-", `--${prefix}`);
      if (/is in use/.test(message) && await isOurs(config)) {
        return ok(`${host}:${port} is taken by the server that runs on these settings`);
      }
      const [found, remedy] = message.split("; ");
      return fault(found, remedy ?? "choose another");
    } finally {
      server.close();
    }
  },
});

/** Whether our own server answers on the operator's port, in the mode that the settings say. */
async function isOurs({ opsHost, opsPort, mode }: Config): Promise<boolean> {
  const host = opsHost === "0.0.0.0" ? "127.0.0.1" : opsHost === "::" ? "[::1]" : opsHost;
  const signal = AbortSignal.timeout(2_000);
  const text = await fetch(`http://${host}:${opsPort}/metrics`, { signal }).then(
    (answer) => answer.text(),
    () => "",
  );
  return text.includes("imserver_info{") && text.includes(`mode="${mode}"`);
}

/** How many files and sockets this process may have open. By trying: no process of ours may look into /proc. */
export function openFiles(config: Config): Said {
  const opened: Deno.FsFile[] = [];
  const path = [config.config, config.keyFile, Deno.execPath()].find((one) => one && isFile(one));
  try {
    while (path && opened.length < ENOUGH_FILES) opened.push(Deno.openSync(path));
  } catch {
    // That is the limit.
  } finally {
    for (const file of opened) file.close();
  }
  return judgeOpenFiles(opened.length);
}

export function judgeOpenFiles(count: number): Said {
  if (count >= ENOUGH_FILES) return ok(`${ENOUGH_FILES} files and sockets may be open, or more`);
  const said = `only ${count} files and sockets may be open, and each client needs one`;
  const remedy =
    "raise the limit: LimitNOFILE=1048576 in systemd, ulimits.nofile in Compose, ulimit -n 1048576";
  return count < FEW_FILES ? fault(said, remedy) : warning(said, remedy);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
