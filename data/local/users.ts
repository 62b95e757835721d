import { ImError } from "../../wire/errors.ts";
import type { Identity, User, Users } from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { HEAD_COLUMNS } from "./entries.ts";
import { requireFreeName } from "./kept_names.ts";
import { retryOnce } from "./retry_once.ts";

export const COLUMNS = "id, username, display_name, role, created_at, owner_id, avatar, status, closed_at";

export interface UserRow extends Row {
  id: number;
  username: string;
  display_name: string;
  role: number;
  created_at: number;
  owner_id: number;
  avatar: string;
  status: string;
  closed_at: number;
}

/** Whom an asker (three times a parameter) may find: see Privacy.find_by; by nobody who has blocked them. */
const FINDABLE = `u.id <> ? AND u.closed_at = 0
  AND NOT EXISTS (SELECT 1 FROM relations r WHERE r.user_id = u.id AND r.other_id = ? AND r.state = 4)
  AND NOT EXISTS (SELECT 1 FROM profiles p WHERE p.user_id = u.id AND (p.find_by = 2 OR p.find_by = 1 AND NOT EXISTS (
    SELECT 1 FROM relations f WHERE f.user_id = u.id AND f.other_id = ? AND f.state = 3)))`;

export function createUsers(db: Storage, { now, nextId }: Clock): Users {
  return {
    async create(request) {
      const createdAt = now();
      const make = () =>
        db.transaction(async (tx) => {
          if (request.setupTokenHash !== undefined) {
            await useSetupToken(tx, request.setupTokenHash, createdAt);
          }
          const role = request.setupTokenHash === undefined ? 0 : 1;
          const user = await insertUser(tx, { ...request, id: nextId(), role, createdAt, ownerId: 0 });
          if (request.identity) await insertIdentity(tx, user.id, request.identity, createdAt);
          return user;
        });
      return await retryOnce(make);
    },

    async get({ ids }) {
      const rows = await db.allIn<UserRow>(
        `SELECT ${COLUMNS} FROM users WHERE id IN {keys}`,
        ids.map((id) => [id]),
      );
      return { users: rows.map(toUser) };
    },

    async credentials({ usernameKey }) {
      const [row] = await db.all<UserRow & { password_hash: string; factor_at: number | null }>(
        `SELECT ${COLUMNS}, password_hash, (SELECT factor_at FROM profiles WHERE user_id = users.id) AS factor_at
         FROM users WHERE username_key = ?`,
        [usernameKey],
      );
      if (!row) return { user: undefined, passwordHash: "", secondFactor: false };
      const { password_hash: passwordHash, factor_at: factorAt } = row;
      return { user: toUser(row), passwordHash, secondFactor: (factorAt ?? 0) > 0 };
    },

    async byIdentity({ hash }) {
      const [row] = await db.all<UserRow>(
        `SELECT ${COLUMNS} FROM users WHERE id = (SELECT user_id FROM identities WHERE hash = ?)`,
        [hash],
      );
      return { user: row && toUser(row) };
    },

    link: ({ userId, identity }) =>
      db.transaction(async (tx) => {
        await requireUsers(tx, [userId]);
        await insertIdentity(tx, userId, identity!, now());
        return {};
      }),

    async search({ query, limit, askerId }) {
      // Two range reads on two indexes. U+10FFFF sorts behind every character a key can have.
      const end = query + "\u{10FFFF}";
      const rows = await db.all<UserRow>(
        `SELECT ${COLUMNS} FROM users u WHERE username_key >= ? AND username_key < ? AND ${FINDABLE}
         UNION
         SELECT ${COLUMNS} FROM users u WHERE display_key >= ? AND display_key < ? AND ${FINDABLE}
         ORDER BY username LIMIT ?`,
        [query, end, askerId, askerId, askerId, query, end, askerId, askerId, askerId, limit],
      );
      return { users: rows.map(toUser) };
    },

    setSeen: ({ seen }) =>
      db.transaction(async (tx) => {
        // In one order, so that two of these never wait for each other.
        for (const { userId, at } of seen.toSorted((a, b) => a.userId - b.userId)) {
          await tx.run("UPDATE users SET last_seen_at = ? WHERE id = ? AND last_seen_at < ?", [
            at,
            userId,
            at,
          ]);
        }
        return {};
      }),

    offerSetup({ tokenHash, expiresAt, onlyIfNew }) {
      return db.transaction(async (tx) => {
        await tx.lock("store", ["id"], "id", [1]);
        if (onlyIfNew) {
          const used = await tx.all("SELECT id FROM users UNION ALL SELECT id FROM setup_tokens LIMIT 1");
          if (used.length > 0) return { stored: false };
        }
        await tx.upsert("setup_tokens", ["id", "token_hash", "expires_at"], 1, "set", [[
          1,
          tokenHash,
          expiresAt,
        ]]);
        return { stored: true };
      });
    },
  };
}

/** An account, with the head of its inbox, which keeps the id from being a conversation's too. */
export async function insertUser(
  tx: Tx,
  account: {
    id: number;
    username: string;
    usernameKey: string;
    displayName: string;
    displayKey: string;
    passwordHash: string;
    role: number;
    createdAt: number;
    /** 0: a person. */
    ownerId: number;
  },
): Promise<User> {
  const { id, username, usernameKey, displayName, displayKey, passwordHash, role, createdAt, ownerId } =
    account;
  await requireFreeName(tx, usernameKey, id, createdAt);
  await tx.insert(
    "users",
    [
      "id",
      "username",
      "username_key",
      "display_name",
      "display_key",
      "password_hash",
      "role",
      "created_at",
      "owner_id",
    ],
    [[id, username, usernameKey, displayName, displayKey, passwordHash, role, createdAt, ownerId]],
  );
  await tx.insert("heads", HEAD_COLUMNS, [[id, 0, 0, 0, 0]]);
  return { id, username, displayName, role, createdAt, ...(ownerId > 0 ? { ownerId } : {}) };
}

/** Whoever comes second finds the first's row, and whose it is decides. */
async function insertIdentity(tx: Tx, userId: number, { hash, issuer }: Identity, at: number): Promise<void> {
  await tx.insertMissing("identities", ["hash", "user_id", "issuer", "linked_at"], [[
    hash,
    userId,
    issuer,
    at,
  ]]);
  const [row] = await tx.all<Row & { user_id: number }>("SELECT user_id FROM identities WHERE hash = ?", [
    hash,
  ]);
  if (row?.user_id !== userId) throw new ImError("conflict", "That is somebody else already");
}

export function toUser(row: UserRow): User {
  const { id, username, display_name: displayName, role, created_at: createdAt, owner_id: ownerId } = row;
  return {
    id,
    username,
    displayName,
    role,
    createdAt,
    ...(ownerId > 0 ? { ownerId } : {}),
    ...(row.avatar ? { avatar: row.avatar } : {}),
    ...(row.status ? { status: row.status } : {}),
    ...(row.closed_at > 0 ? { deleted: true } : {}),
  };
}

/** All of these users exist and are not deleted, or user_not_found. */
export async function requireUsers(tx: Tx, ids: readonly number[]): Promise<void> {
  const found = await tx.allIn(
    "SELECT id FROM users WHERE closed_at = 0 AND id IN {keys}",
    ids.map((id) => [id]),
  );
  if (new Set(found.map((row) => row.id)).size < new Set(ids).size) throw new ImError("user_not_found");
}

async function useSetupToken(tx: Tx, hash: string, at: number): Promise<void> {
  const used = await tx.run("DELETE FROM setup_tokens WHERE token_hash = ? AND expires_at > ?", [hash, at]);
  if (used === 0) throw new ImError("setup_token_invalid");
}
