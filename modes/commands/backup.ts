import { join } from "node:path";
import { openFolderStore } from "../../blobs/folder.ts";
import { copyTables, differences, keptTables } from "../../data/sql/copy.ts";
import { digestOf } from "../../data/sql/digest.ts";
import { snapshotEpoch } from "../../data/sql/epoch.ts";
import { copySqlite, settleSqlite, withSqliteSnapshot } from "../../data/sql/sqlite_snapshot.ts";
import { openBlobs } from "../build.ts";
import { type Config, reasonOf, UsageError } from "../config.ts";
import { VERSION } from "../version.ts";
import { type CopiedBlobs, copyBlobs, knownBlobs } from "./blobs.ts";
import type { Command, Terminal } from "./command.ts";
import { DATABASE, FILES, KEYS, type Manifest, sha256Of, writeManifest } from "./manifest.ts";
import { progress } from "./move.ts";
import { requireDatabase } from "./on_data.ts";
import { placeName, withMigrated, withSnapshot } from "./places.ts";

/** Works beside a running server. First the database, then the files: those that it names are never changed. */
export const backup: Command = async ({ settings: { config }, args: [folder], flags, terminal }) => {
  await requireDatabase(config);
  await makeFolder(folder);
  const copy = join(folder, DATABASE);
  await copyDatabase(config, copy, terminal);
  settleSqlite(copy);
  await syncFile(copy);
  const files = await copyFiles(config, folder, copy);
  const tables = await withSqliteSnapshot(copy, async (snapshot) => {
    const found = [];
    for (const table of await keptTables(snapshot)) {
      found.push({ name: table.name, ...await digestOf(snapshot, table) });
    }
    return found;
  });
  const manifest: Manifest = {
    format: 1,
    version: VERSION,
    at: new Date().toISOString(),
    from: config.database.kind,
    epoch: await withSqliteSnapshot(copy, snapshotEpoch) ?? 1,
    database: await sha256Of(copy),
    tables,
    files: { count: files.count, bytes: files.bytes },
    keys: await copyKeys(config, folder),
  };
  await writeManifest(folder, manifest);
  terminal.print(
    flags.json
      ? JSON.stringify({ ...manifest, damaged: files.damaged }, null, 2) + "\n"
      : report(folder, manifest, files),
  );
  return files.damaged.length > 0 ? 1 : 0;
};

async function makeFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    for await (const _ of Deno.readDir(folder)) throw new Error("it is not empty");
  } catch (error) {
    throw new UsageError(
      `${folder} cannot take a backup (${reasonOf(error)}); name a new or an empty folder`,
    );
  }
}

async function copyDatabase({ database }: Config, copy: string, terminal: Terminal): Promise<void> {
  if (database.kind === "sqlite") {
    await copySqlite(database.target, copy);
    return await Deno.chmod(copy, 0o600);
  }
  await withMigrated({ kind: "sqlite", target: copy }, async (storage) => {
    const copied = await withSnapshot(
      database,
      (snapshot) => copyTables(snapshot, storage, progress(terminal)),
    );
    const wrong = await withSqliteSnapshot(copy, (snapshot) => differences(snapshot, copied));
    if (wrong.length > 0) {
      throw new Error(`${placeName(database)} was not copied faithfully: ${wrong.join(", ")}`);
    }
  });
}

async function copyFiles(config: Config, folder: string, copy: string): Promise<CopiedBlobs> {
  const to = await openFolderStore(join(folder, FILES));
  const from = await openBlobs(config);
  if (!from) {
    throw new UsageError("imserver backup needs to know where files lie; name the place with --files");
  }
  const done = await withSqliteSnapshot(copy, (snapshot) => copyBlobs(knownBlobs(snapshot), from, to));
  if (done.damaged.length === 0) return done;
  // What was deleted while this ran is missed by nobody.
  const still = new Set<string>();
  await withSnapshot(config.database, async (snapshot) => {
    for await (const { key } of knownBlobs(snapshot)) still.add(key);
  });
  return { ...done, damaged: done.damaged.filter((key) => still.has(key)) };
}

async function copyKeys({ keyFile }: Config, folder: string): Promise<boolean> {
  const text = await Deno.readTextFile(keyFile).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new UsageError(
      `--key-file ${keyFile} cannot be read (${reasonOf(error)}); run it as the server's user`,
    );
  });
  if (text === null) return false;
  const to = join(folder, KEYS);
  await Deno.writeTextFile(to, text, { createNew: true, mode: 0o600 });
  await syncFile(to);
  return true;
}

async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.sync();
}

function report(folder: string, { tables, files, keys }: Manifest, { damaged }: CopiedBlobs): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const lines = [
    `${folder}: ${rows} rows in ${tables.length} tables, ${files.count} files of ${files.bytes} bytes`,
  ];
  lines.push(
    keys ? "The signing keys are in it: keep it as secret as the server." : "It holds no signing keys.",
  );
  if (damaged.length > 0) {
    lines.push(
      `${damaged.length} files are lost or damaged at the server: ${damaged.slice(0, 5).join(", ")}`,
    );
  }
  return lines.join("\n") + "\n";
}
