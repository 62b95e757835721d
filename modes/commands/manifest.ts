import { createHash } from "node:crypto";
import { join } from "node:path";
import type { CopiedTable } from "../../data/sql/copy.ts";
import { reasonOf, UsageError } from "../config.ts";

/** What a backup is: imserver.db, keys.json, files/, and this as manifest.json, written last. */
export interface Manifest {
  format: 1;
  /** Of the program that made it. */
  version: string;
  /** RFC 3339. */
  at: string;
  /** What the database was. */
  from: "sqlite" | "mysql";
  epoch: number;
  /** Of imserver.db: SHA-256 in hex. */
  database: { bytes: number; sha256: string };
  tables: CopiedTable[];
  files: { count: number; bytes: number };
  /** Whether the signing keys are in it. */
  keys: boolean;
}

export const DATABASE = "imserver.db";
export const KEYS = "keys.json";
export const FILES = "files";
const MANIFEST = "manifest.json";

export async function sha256Of(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 20);
  for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
    hash.update(buffer.subarray(0, count));
    bytes += count;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** With it the backup is whole. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const path = join(folder, MANIFEST);
  await Deno.writeTextFile(path, JSON.stringify(manifest, null, 2) + "\n", { mode: 0o600, createNew: true });
  using file = await Deno.open(path);
  await file.sync();
}

/** Reads it and looks whether the database is what was written. Errors: UsageError. */
export async function readManifest(folder: string): Promise<Manifest> {
  const bad = (why: string, remedy: string) => new UsageError(`${folder} ${why}; ${remedy}`);
  const text = await Deno.readTextFile(join(folder, MANIFEST)).catch((error) => {
    throw bad(`is no backup that is whole (${reasonOf(error)})`, "name the folder that imserver backup made");
  });
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text);
  } catch {
    throw bad("has a manifest.json that is damaged", "use another backup");
  }
  if (manifest.format !== 1) throw bad("was made by a newer imserver", "use that version");
  const { bytes, sha256 } = await sha256Of(join(folder, DATABASE)).catch((error) => {
    throw bad(`has no ${DATABASE} that can be read (${reasonOf(error)})`, "use another backup");
  });
  if (bytes !== manifest.database.bytes || sha256 !== manifest.database.sha256) {
    throw bad(`has a ${DATABASE} that is not what was written`, "use another backup");
  }
  return manifest;
}
