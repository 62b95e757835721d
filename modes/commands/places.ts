import type { Snapshot } from "../../data/sql/snapshot.ts";
import type { Storage } from "../../data/sql/driver.ts";
import { migrate } from "../../data/sql/migrate.ts";
import { schemaState } from "../../data/sql/schema_state.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { withSqliteSnapshot } from "../../data/sql/sqlite_snapshot.ts";
import { type Config, reasonOf, UsageError } from "../config.ts";
import type { DatabaseUrl } from "../values.ts";

/** Databases as the commands use them: directly, without a server. */

/** Copying is done in long statements, and nobody waits for an answer. */
const STATEMENT_MS = 600_000;

/** For people: no password. */
export function placeName({ kind, target }: DatabaseUrl): string {
  if (kind === "sqlite") return target;
  const { host, pathname } = new URL(target);
  return `mysql://${host}${pathname}`;
}

/** Opens a database as it is. Errors: UsageError. */
export async function openPlace(place: DatabaseUrl): Promise<Storage> {
  try {
    if (place.kind === "sqlite") {
      (await Deno.open(place.target, { create: true, append: true, mode: 0o600 })).close();
      return openSqlite(place.target);
    }
    const { openMysql } = await import("../../data/sql/mysql.ts");
    const storage = openMysql(place.target, { statementTimeoutMs: STATEMENT_MS });
    await storage.all("SELECT 1 AS one").catch(async (error) => {
      await storage.close();
      throw error;
    });
    return storage;
  } catch (error) {
    throw cannotUse(place, error);
  }
}

function cannotUse(place: DatabaseUrl, error: unknown): UsageError {
  return new UsageError(
    `${placeName(place)} cannot be used (${reasonOf(error)}); imserver doctor looks for the reason`,
  );
}

/** Runs `work` with an open database, and closes it. */
export async function withPlace<T>(place: DatabaseUrl, work: (storage: Storage) => Promise<T>): Promise<T> {
  const storage = await openPlace(place);
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}

/** The same with the schema of this program, brought up to it. Errors: UsageError where a newer program was there. */
export async function withMigrated<T>(
  place: DatabaseUrl,
  work: (storage: Storage) => Promise<T>,
): Promise<T> {
  return await withPlace(place, async (storage) => {
    const { unknown } = await schemaState(storage);
    if (unknown !== null) throw newer(place, unknown);
    await migrate(storage);
    return await work(storage);
  });
}

/** Runs `work` with all that is in a database at this moment. Its schema must be this program's. */
export async function withSnapshot<T>(
  place: DatabaseUrl,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const { pending, unknown } = await withPlace(place, schemaState);
  if (unknown !== null) throw newer(place, unknown);
  if (pending.length > 0) {
    throw new UsageError(`${placeName(place)} has an older schema; bring it up with imserver migrate up`);
  }
  if (place.kind === "sqlite") return await withSqliteSnapshot(place.target, work);
  const { withMysqlSnapshot } = await import("../../data/sql/mysql_snapshot.ts");
  return await withMysqlSnapshot(place.target, work);
}

function newer(place: DatabaseUrl, step: string): UsageError {
  return new UsageError(
    `${placeName(place)} was written by a newer imserver (it has ${step}); use that version`,
  );
}

/** Nobody else may write there meanwhile. On MySQL those of the same user are seen. */
export async function requireAlone(place: DatabaseUrl): Promise<void> {
  if (place.kind === "sqlite") return;
  const { othersConnected } = await import("../../data/sql/mysql_snapshot.ts");
  const others = await othersConnected(place.target).catch((error) => {
    throw cannotUse(place, error);
  });
  if (others > 0) {
    throw new UsageError(
      `${placeName(place)} is in use by ${others} other connections; stop the servers that use it`,
    );
  }
}

/** `sqlite`, `mysql` or a URL: the settings say the rest. */
export function placeOf(
  flag: string,
  word: string,
  config: Config,
  parse: (url: string) => DatabaseUrl,
): DatabaseUrl {
  if (word === "sqlite") return { kind: "sqlite", target: `${config.dataDir}/imserver.db` };
  if (word === "mysql") {
    if (config.database.kind === "mysql") return config.database;
    throw new UsageError(`--${flag} mysql needs to know where it is; name it with --database mysql://…`);
  }
  try {
    return parse(word);
  } catch (error) {
    throw new UsageError(`--${flag} ${(error as Error).message}, or just sqlite or mysql`);
  }
}
