import { join } from "node:path";
import { loadKeys } from "../auth/keys.ts";
import { createTokens } from "../auth/tokens.ts";
import { openMysql } from "../data/sql/mysql.ts";
import { openSqlite } from "../data/sql/sqlite.ts";
import type { Storage } from "../data/sql/driver.ts";
import { createIds } from "../kit/ids.ts";
import { Cluster } from "../tests/support/cluster.ts";
import { startServer, tempFolder } from "../tests/support/server.ts";
import type { Processes } from "./load/measure.ts";

/** Somebody who is logged in. */
export interface Account {
  id: string;
  accessToken: string;
}

/** What a scenario runs on: `dist/imserver` and what is below it. */
export interface Ground extends AsyncDisposable {
  /** Gateways, without nginx. */
  readonly gateways: readonly { url: string; pid: number }[];
  readonly processes: Processes;
  /**
   * New accounts with a session each, written into the database: logging in would cost a password's hash for each, and
   * measure that.
   */
  accounts(count: number): Promise<Account[]>;
  /** How many messages are stored. */
  messages(): Promise<number>;
}

/** People here send and come faster than anybody may; counted they are. */
const UNLIMITED = ["--rate-limit-scale=1000", "--max-connects-per-second=0"];
/** MariaDB as it is set up for a database of some size; every commit is followed by its fsync, which is the default. */
const MARIADB = ["--innodb-buffer-pool-size=512M"];

/** One process with SQLite. */
export async function embedded(args: readonly string[] = UNLIMITED): Promise<Ground> {
  const data = tempFolder();
  const server = await startServer({ dataDir: data.path, flavour: "dist", args: [...args] });
  const storage = openSqlite(join(data.path, "imserver.db"));
  return await groundOf({
    gateways: [server],
    processes: { server: [server.pid] },
    storage,
    keyFile: join(data.path, "keys.json"),
    async end() {
      await server.stop();
      data[Symbol.dispose]();
    },
  });
}

/** Gateways and dbproxies over MariaDB and Redis; between them plain gRPC, or mTLS. */
export async function cluster(
  { gateways = 1, dbproxies = 1, mtls = false, args = UNLIMITED }: {
    gateways?: number;
    dbproxies?: number;
    mtls?: boolean;
    args?: readonly string[];
  } = {},
): Promise<Ground> {
  const them = await Cluster.start({ flavour: "dist", args, gateways, dbproxies, mtls, mariadb: MARIADB });
  const pids = (members: typeof them.gateways) => members.map(({ server }) => server.pid);
  return await groundOf({
    gateways: them.gateways.map(({ server }) => server),
    processes: {
      gateway: pids(them.gateways),
      dbproxy: pids(them.dbproxies),
      mariadb: [them.mariadb.pid],
      redis: [them.redis!.pid],
    },
    storage: openMysql(them.mariadb.url("chat")),
    keyFile: join(them.folder, "keys.json"),
    end: () => them[Symbol.asyncDispose](),
  });
}

interface GroundParts extends Pick<Ground, "gateways" | "processes"> {
  storage: Storage;
  keyFile: string;
  end(): Promise<void>;
}

async function groundOf({ gateways, processes, storage, keyFile, end }: GroundParts): Promise<Ground> {
  const tokens = createTokens(await loadKeys(keyFile), { now: Date.now, accessTtlSeconds: 3600 });
  const nextId = createIds(Date.now);
  return {
    gateways,
    processes,
    async accounts(count) {
      const ids = Array.from({ length: count }, () => ({ userId: nextId(), sessionId: nextId() }));
      const now = Date.now();
      await storage.transaction(async (tx) => {
        await tx.insert(
          "users",
          USERS,
          ids.map(({ userId: id }) => [id, `u${id}`, `u${id}`, `u${id}`, `u${id}`, "", 0, now]),
        );
        await tx.insert("heads", HEADS, ids.map(({ userId }) => [userId, 0, 0, 0, 0]));
        const sessions = ids.map((
          { userId, sessionId },
        ) => [sessionId, userId, "bench", "desktop", "", "", now, now, now + 86_400_000]);
        await tx.insert("sessions", SESSIONS, sessions);
      });
      return await Promise.all(ids.map(async ({ userId, sessionId }) => ({
        id: String(userId),
        accessToken: await tokens.issue({ userId, sessionId, role: "user" }),
      })));
    },
    async messages() {
      return Number((await storage.all("SELECT COUNT(*) AS n FROM entries WHERE kind = 'message'"))[0].n);
    },
    async [Symbol.asyncDispose]() {
      await storage.close();
      await end();
    },
  };
}

const USERS = [
  "id",
  "username",
  "username_key",
  "display_name",
  "display_key",
  "password_hash",
  "role",
  "created_at",
];
const HEADS = ["conversation_id", "last_seq", "last_message_no", "last_message_seq", "last_at"];
const SESSIONS = [
  "id",
  "user_id",
  "device_name",
  "device_kind",
  "family_hash",
  "refresh_hash",
  "created_at",
  "used_at",
  "expires_at",
];
