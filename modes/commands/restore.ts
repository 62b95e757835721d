import { dirname, join } from "node:path";
import { openFolderStore } from "../../blobs/folder.ts";
import { copyTables, differences, emptyTables, filledTables } from "../../data/sql/copy.ts";
import { readStoreEpoch, renewEpoch } from "../../data/sql/epoch.ts";
import { foldLog } from "../../data/sql/sqlite_fold.ts";
import { withSqliteSnapshot } from "../../data/sql/sqlite_snapshot.ts";
import { openBlobs } from "../build.ts";
import { type Config, UsageError } from "../config.ts";
import { lockDataDir, prepareDataDir } from "../data_dir.ts";
import { wordsFile } from "../open_search.ts";
import { type CopiedBlobs, copyBlobs, knownBlobs } from "./blobs.ts";
import type { Command, Terminal } from "./command.ts";
import { DATABASE, FILES, KEYS, readManifest } from "./manifest.ts";
import { isFilled, progress } from "./move.ts";
import { placeName, requireAlone, withMigrated, withPlace } from "./places.ts";

export const restore: Command = async ({ settings: { config }, args: [folder], flags, terminal }) => {
  const manifest = await readManifest(folder);
  const replace = flags.replace === true;
  await prepareDataDir(config.dataDir);
  const release = await lockDataDir(config.dataDir);
  try {
    const epoch = config.database.kind === "sqlite"
      ? await intoFile(config.database.target, folder, replace)
      : await intoServer(config, folder, replace, terminal);
    const files = await filesBack(config, folder);
    const keys = manifest.keys && await keysBack(config, folder);
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    terminal.print(report(placeName(config.database), { at: manifest.at, rows, epoch, keys, files }));
    return files.damaged.length > 0 ? 1 : 0;
  } finally {
    release();
  }
};

/** Made whole beside the place, and then put there. Answers the epoch. */
async function intoFile(target: string, folder: string, replace: boolean): Promise<number> {
  const seen: number[] = [];
  const isThere = await Deno.stat(target).then(({ size }) => size > 0, () => false);
  if (isThere) {
    if (!replace) {
      throw new UsageError(
        `${target} is there already; choose another --data-dir, or say --replace to delete it`,
      );
    }
    // A damaged one, which is what a backup is for, cannot say.
    const old = await withPlace({ kind: "sqlite", target }, readStoreEpoch).catch(() => null);
    if (old !== null) seen.push(old);
  }
  const draft = join(dirname(target), `.restoring-${crypto.randomUUID()}.db`);
  try {
    await Deno.copyFile(join(folder, DATABASE), draft);
    await Deno.chmod(draft, 0o600);
    const epoch = await withMigrated(
      { kind: "sqlite", target: draft },
      (storage) => renewEpoch(storage, seen, Date.now()),
    );
    // Were the old one's log only deleted, a crash before the rename would leave it without its last commits. A damaged
    // one has none that would be missed.
    if (isThere) await foldLog(target).catch(() => {});
    for (const old of [...beside(target), wordsFile(target), ...beside(wordsFile(target))]) {
      await removeIfThere(old);
    }
    await Deno.rename(draft, target);
    return epoch;
  } finally {
    for (const left of [draft, ...beside(draft)]) await removeIfThere(left);
  }
}

const beside = (path: string) => [`${path}-wal`, `${path}-shm`];

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

async function intoServer(
  config: Config,
  folder: string,
  replace: boolean,
  terminal: Terminal,
): Promise<number> {
  await requireAlone(config.database);
  const draft = await Deno.makeTempFile({ dir: config.dataDir, prefix: ".restoring-", suffix: ".db" });
  try {
    await Deno.copyFile(join(folder, DATABASE), draft);
    // A backup of an older version gets this one's schema first.
    await withMigrated({ kind: "sqlite", target: draft }, () => Promise.resolve());
    return await withMigrated(config.database, async (storage) => {
      const filled = await filledTables(storage);
      if (filled.length > 0 && !replace) throw isFilled(config.database, filled);
      const old = await readStoreEpoch(storage);
      if (filled.length > 0) await emptyTables(storage);
      await withSqliteSnapshot(draft, async (snapshot) => {
        const copied = await copyTables(snapshot, storage, progress(terminal));
        const { withMysqlSnapshot } = await import("../../data/sql/mysql_snapshot.ts");
        const wrong = await withMysqlSnapshot(config.database.target, (copy) => differences(copy, copied));
        if (wrong.length > 0) throw new Error(`what was restored is not the backup: ${wrong.join(", ")}`);
      });
      return await renewEpoch(storage, old === null ? [] : [old], Date.now());
    });
  } finally {
    for (const left of [draft, ...beside(draft)]) await removeIfThere(left);
  }
}

async function filesBack(config: Config, folder: string): Promise<CopiedBlobs> {
  const to = await openBlobs(config);
  if (!to) {
    throw new UsageError("imserver restore needs to know where files lie; name the place with --files");
  }
  const from = await openFolderStore(join(folder, FILES));
  return await withSqliteSnapshot(
    join(folder, DATABASE),
    (snapshot) => copyBlobs(knownBlobs(snapshot), from, to),
  );
}

/** Keys that are there stay: they may be newer. */
async function keysBack({ keyFile }: Config, folder: string): Promise<boolean> {
  const text = await Deno.readTextFile(join(folder, KEYS));
  try {
    await Deno.writeTextFile(keyFile, text, { createNew: true, mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

function report(
  name: string,
  { at, rows, epoch, keys, files }: {
    at: string;
    rows: number;
    epoch: number;
    keys: boolean;
    files: CopiedBlobs;
  },
): string {
  const lines = [
    `${name} is as it was at ${at}: ${rows} rows, ${files.count} files of ${files.bytes} bytes`,
    keys ? "The signing keys are back." : "The signing keys are those that were there, or none.",
    `Clients will forget what they held, and read anew (epoch ${epoch}).`,
  ];
  if (files.damaged.length > 0) {
    lines.push(
      `${files.damaged.length} files are missing in the backup: ${files.damaged.slice(0, 5).join(", ")}`,
    );
  }
  return lines.join("\n") + "\n";
}
