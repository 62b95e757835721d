import { ImError } from "../../wire/errors.ts";
import type { Session, Sessions } from "../service.ts";
import { type Row, type Storage, UniqueViolation } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { toUser } from "./users.ts";

interface SessionRow extends Row {
  id: number;
  user_id: number;
  device_name: string;
  family_hash: string;
  refresh_hash: string;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
}

const SELECT =
  "SELECT id, user_id, device_name, family_hash, refresh_hash, created_at, expires_at, revoked_at FROM sessions";

export function createSessions(db: Storage, { now }: Clock): Sessions {
  return {
    async create({ id, userId, deviceName, familyHash, refreshHash, expiresAt }) {
      const createdAt = now();
      const columns = [
        "id",
        "user_id",
        "device_name",
        "family_hash",
        "refresh_hash",
        "created_at",
        "used_at",
        "expires_at",
      ];
      const row = [id, userId, deviceName, familyHash, refreshHash, createdAt, createdAt, expiresAt];
      try {
        await db.transaction((tx) => tx.insert("sessions", columns, [row]));
      } catch (error) {
        throw error instanceof UniqueViolation ? new ImError("conflict") : error;
      }
      return { id, userId, deviceName, createdAt, expiresAt };
    },

    async rotate({ id, familyHash, presentedHash, nextHash, expiresAt }) {
      const usedAt = now();
      return await db.transaction(async (tx) => {
        const [row] = await tx.all<SessionRow>(`${SELECT} WHERE id = ?`, [id]);
        if (!row || row.family_hash !== familyHash) throw new ImError("token_invalid");
        if (row.revoked_at !== null) throw new ImError("session_ended");
        if (row.expires_at <= usedAt) throw new ImError("token_expired");
        const reused = row.refresh_hash !== presentedHash;
        if (reused) await tx.run("UPDATE sessions SET revoked_at = ? WHERE id = ?", [usedAt, id]);
        else {await tx.run("UPDATE sessions SET refresh_hash = ?, used_at = ?, expires_at = ? WHERE id = ?", [
            nextHash,
            usedAt,
            expiresAt,
            id,
          ]);}
        const [user] = await tx.all<Parameters<typeof toUser>[0]>(
          "SELECT id, username, display_name, role, created_at FROM users WHERE id = ?",
          [row.user_id],
        );
        return { user: toUser(user), reused };
      });
    },

    async check({ id, userId }) {
      const [row] = await db.all<SessionRow>(`${SELECT} WHERE id = ?`, [id]);
      if (!row || row.user_id !== userId || row.revoked_at !== null || row.expires_at <= now()) {
        throw new ImError("session_ended");
      }
      return toSession(row);
    },

    async revoke({ id, userId }) {
      await db.transaction((tx) =>
        tx.run("UPDATE sessions SET revoked_at = ? WHERE id = ? AND user_id = ? AND revoked_at IS NULL", [
          now(),
          id,
          userId,
        ])
      );
      return {};
    },
  };
}

function toSession(row: SessionRow): Session {
  const { id, user_id: userId, device_name: deviceName, created_at: createdAt, expires_at: expiresAt } = row;
  return { id, userId, deviceName, createdAt, expiresAt };
}
