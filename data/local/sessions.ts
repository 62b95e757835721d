import { ImError } from "../../wire/errors.ts";
import type { Session, Sessions } from "../service.ts";
import { type Row, type Storage, type Tx, UniqueViolation } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { lockHeads } from "./entries.ts";
import { COLUMNS as USER_COLUMNS, toUser, type UserRow } from "./users.ts";

interface SessionRow extends Row {
  id: number;
  user_id: number;
  device_name: string;
  device_kind: string;
  family_hash: string;
  refresh_hash: string;
  created_at: number;
  used_at: number;
  expires_at: number;
  revoked_at: number | null;
}

const COLUMNS = [
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
const SELECT = `SELECT ${COLUMNS}, revoked_at FROM sessions`;
const RUNNING = "user_id = ? AND revoked_at IS NULL AND expires_at > ?";

export function createSessions(db: Storage, { now }: Clock): Sessions {
  return {
    async create({ id, userId, deviceName, deviceKind, familyHash, refreshHash, expiresAt, maxOfKind }) {
      const at = now();
      const row = [id, userId, deviceName, deviceKind, familyHash, refreshHash, at, at, expiresAt];
      try {
        return await db.transaction(async (tx) => {
          await lockHeads(tx, [userId]);
          await requireEnabled(tx, userId);
          const endedIds = maxOfKind > 0 ? await makeRoom(tx, { userId, deviceKind, maxOfKind }, at) : [];
          await tx.insert("sessions", COLUMNS, [row]);
          return {
            session: { id, userId, deviceName, deviceKind, createdAt: at, usedAt: at, expiresAt },
            endedIds,
          };
        });
      } catch (error) {
        throw error instanceof UniqueViolation ? new ImError("conflict") : error;
      }
    },

    async rotate({ id, familyHash, presentedHash, nextHash, expiresAt }) {
      const usedAt = now();
      return await db.transaction(async (tx) => {
        const [row] = await tx.lock<SessionRow>("sessions", [...COLUMNS, "revoked_at"], "id", [id]);
        if (!row || row.family_hash !== familyHash) throw new ImError("token_invalid");
        if (row.revoked_at !== null) throw new ImError("session_ended");
        if (row.expires_at <= usedAt) throw new ImError("token_expired");
        const reused = row.refresh_hash !== presentedHash;
        if (reused) await tx.run("UPDATE sessions SET revoked_at = ? WHERE id = ?", [usedAt, id]);
        else {
          const values = [nextHash, usedAt, expiresAt, id];
          await tx.run(
            "UPDATE sessions SET refresh_hash = ?, used_at = ?, expires_at = ? WHERE id = ?",
            values,
          );
        }
        const [user] = await tx.all<UserRow>(`SELECT ${USER_COLUMNS} FROM users WHERE id = ?`, [row.user_id]);
        return { user: toUser(user), reused };
      });
    },

    async check({ id, userId }) {
      const [row] = await db.all<SessionRow>(`${SELECT} WHERE id = ? AND ${RUNNING}`, [id, userId, now()]);
      if (!row) throw new ImError("session_ended");
      return toSession(row);
    },

    async revoke({ id, userId }) {
      await db.transaction((tx) => end(tx, id, userId, now()));
      return {};
    },

    async list({ userId }) {
      const rows = await db.all<SessionRow>(
        `${SELECT} WHERE ${RUNNING} ORDER BY used_at DESC, id DESC`,
        [userId, now()],
      );
      return { sessions: rows.map(toSession) };
    },

    async running({ ids }) {
      const rows = await db.allIn<Row & { id: number; expires_at: number; revoked_at: number | null }>(
        "SELECT id, expires_at, revoked_at FROM sessions WHERE id IN {keys}",
        ids.map((id) => [id]),
      );
      const at = now();
      return {
        ids: rows.filter((row) => row.revoked_at === null && row.expires_at > at).map((row) => row.id),
      };
    },

    rename: ({ id, userId, deviceName }) =>
      db.transaction(async (tx) => {
        const at = now();
        const [row] = await tx.all<SessionRow>(`${SELECT} WHERE id = ? AND ${RUNNING}`, [id, userId, at]);
        if (!row) throw new ImError("not_found", "No such session");
        await tx.run("UPDATE sessions SET device_name = ? WHERE id = ?", [deviceName, id]);
        return toSession({ ...row, device_name: deviceName });
      }),
  };
}

/** An account that is not disabled, nor its owner's, if it is a bot's; or account_disabled. Hold its head. */
export async function requireEnabled(tx: Tx, userId: number): Promise<void> {
  const disabled = await tx.all(
    `SELECT u.id FROM users u LEFT JOIN users o ON o.id = u.owner_id
     WHERE u.id = ? AND (u.disabled_at > 0 OR COALESCE(o.disabled_at, 0) > 0)`,
    [userId],
  );
  if (disabled.length > 0) throw new ImError("account_disabled");
}

/** Ends all running sessions of these users; answers which. Hold their heads. */
export async function endAll(
  tx: Tx,
  userIds: readonly number[],
  at: number,
): Promise<{ userId: number; sessionId: number }[]> {
  const rows = await tx.allIn<
    Row & { id: number; user_id: number; expires_at: number; revoked_at: number | null }
  >(
    "SELECT id, user_id, expires_at, revoked_at FROM sessions WHERE user_id IN {keys}",
    userIds.map((id) => [id]),
  );
  const running = rows.filter((row) => row.revoked_at === null && row.expires_at > at);
  for (const { id, user_id } of running) await end(tx, id, user_id, at);
  return running.map((row) => ({ userId: row.user_id, sessionId: row.id }));
}

/** Ends all running sessions of a user but one; answers which. Hold the head. */
export async function endSessionsBut(
  tx: Tx,
  userId: number,
  sessionId: number,
  at: number,
): Promise<{ userId: number; sessionId: number }[]> {
  const rows = await tx.all<Row & { id: number }>(`SELECT id FROM sessions WHERE ${RUNNING} AND id <> ?`, [
    userId,
    at,
    sessionId,
  ]);
  for (const { id } of rows) await end(tx, id, userId, at);
  return rows.map((row) => ({ userId, sessionId: row.id }));
}

/** Ends the sessions used longest ago until one more of the kind fits; answers their ids. */
async function makeRoom(
  tx: Tx,
  { userId, deviceKind, maxOfKind }: { userId: number; deviceKind: string; maxOfKind: number },
  at: number,
): Promise<number[]> {
  const running = await tx.all<Row & { id: number }>(
    `SELECT id FROM sessions WHERE ${RUNNING} AND device_kind = ? ORDER BY used_at DESC, id DESC`,
    [userId, at, deviceKind],
  );
  const ended = running.slice(maxOfKind - 1).map((row) => row.id);
  for (const id of ended) await end(tx, id, userId, at);
  return ended;
}

function end(tx: Tx, id: number, userId: number, at: number): Promise<number> {
  return tx.run("UPDATE sessions SET revoked_at = ? WHERE id = ? AND user_id = ? AND revoked_at IS NULL", [
    at,
    id,
    userId,
  ]);
}

function toSession(row: SessionRow): Session {
  return {
    id: row.id,
    userId: row.user_id,
    deviceName: row.device_name,
    deviceKind: row.device_kind,
    createdAt: row.created_at,
    usedAt: row.used_at,
    expiresAt: row.expires_at,
  };
}
