import { ImError } from "../../wire/errors.ts";
import { type Profile, type ProfileResponse, type Profiles, RelationState } from "../service.ts";
import type { Reads, Row, Storage, Tx, Value } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { createDeletion } from "./deletion.ts";
import { lockHeads } from "./entries.ts";
import { setAvatarUrl } from "./file_refs.ts";
import { appendInboxes } from "./inbox.ts";
import { keepName, requireFreeName } from "./kept_names.ts";
import { passwordHashOf } from "./password_hash.ts";
import { retryOnce } from "./retry_once.ts";
import { noteRevised } from "./revisions.ts";
import { endSessionsBut } from "./sessions.ts";
import { COLUMNS as USER_COLUMNS, toUser, type UserRow } from "./users.ts";

interface ProfileRow extends Row {
  bio: string;
  custom: string;
  email: string;
  phone: string;
  find_by: number;
  write_by: number;
  seen_by: number;
  renamed_at: number;
  factor_at: number;
}

const COLUMNS = [
  "bio",
  "custom",
  "email",
  "phone",
  "find_by",
  "write_by",
  "seen_by",
  "renamed_at",
  "factor_at",
];
const EMPTY: ProfileRow = {
  bio: "",
  custom: "",
  email: "",
  phone: "",
  find_by: 0,
  write_by: 0,
  seen_by: 0,
  renamed_at: 0,
  factor_at: 0,
};

/** What people say of themselves. */
export function createProfiles(db: Storage, clock: Clock): Profiles {
  const { now } = clock;
  return {
    get: ({ userId }) => readProfile(db, userId),

    update: ({ userId, ...given }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId]);
        const before = await readProfile(tx, userId);
        if (given.avatar !== undefined) {
          await setAvatarUrl(tx, { holderId: userId, actorId: userId, url: given.avatar }, now());
        }
        await write(tx, "users", ["id", userId], {
          display_name: given.displayName,
          display_key: given.displayKey,
          avatar: given.avatar,
          status: given.status,
        });
        await tx.insertMissing("profiles", ["user_id"], [[userId]]);
        await write(tx, "profiles", ["user_id", userId], {
          bio: given.bio,
          custom: given.custom,
          email: given.email,
          phone: given.phone,
          find_by: given.findBy,
          write_by: given.writeBy,
          seen_by: given.seenBy,
        });
        return await changed(tx, userId, before, now());
      }),

    rename: ({ userId, username, usernameKey, notSince, keepUntil }) =>
      retryOnce(() =>
        db.transaction(async (tx) => {
          await lockHeads(tx, [userId]);
          const before = await readProfile(tx, userId);
          const [{ username_key: oldKey }] = await tx.all<Row & { username_key: string }>(
            "SELECT username_key FROM users WHERE id = ?",
            [userId],
          );
          // Another spelling of the same name is no other name: it waits for nothing and gives nothing up.
          const isOther = usernameKey !== oldKey;
          if (isOther && before.renamedAt > notSince) {
            const retryAfterMs = before.renamedAt - notSince;
            throw new ImError("rate_limited", "The username was changed not long ago", { retryAfterMs });
          }
          await requireFreeName(tx, usernameKey, userId, now());
          await write(tx, "users", ["id", userId], { username, username_key: usernameKey });
          if (isOther) {
            await keepName(tx, oldKey, { userId, until: keepUntil, now: now() });
            await tx.insertMissing("profiles", ["user_id"], [[userId]]);
            await write(tx, "profiles", ["user_id", userId], { renamed_at: now() });
          }
          return await changed(tx, userId, before, now());
        })
      ),

    passwordHash: async ({ userId }) => ({ hash: await passwordHashOf(db, userId) }),

    setPassword: ({ userId, oldHash, newHash, sessionId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId]);
        if (await passwordHashOf(tx, userId) !== oldHash) throw new ImError("invalid_credentials");
        await write(tx, "users", ["id", userId], { password_hash: newHash });
        await tx.run("DELETE FROM password_resets WHERE user_id = ?", [userId]);
        return { ended: await endSessionsBut(tx, userId, sessionId, now()) };
      }),

    async open({ userId, otherIds }) {
      const blocks = await db.allIn<Row & { user_id: number; state: number }>(
        "SELECT user_id, state FROM relations WHERE (user_id, other_id) IN {keys}",
        otherIds.map((id) => [id, userId]),
      );
      const closed = new Set(
        blocks.filter(({ state }) => state === RelationState.RELATION_BLOCKED).map(({ user_id }) => user_id),
      );
      return { ids: otherIds.filter((id) => !closed.has(id)) };
    },

    async conversations({ userId, afterId, limit }) {
      const rows = await db.all<Row & { id: number }>(
        // "+ 0": by user only, see data/local/erasures.ts.
        "SELECT conversation_id AS id FROM members WHERE user_id = ? AND conversation_id + 0 > ? ORDER BY conversation_id + 0 LIMIT ?",
        [userId, afterId, limit],
      );
      return { ids: rows.map(({ id }) => id) };
    },

    ...createDeletion(db, clock),
  };
}

export async function readProfile(db: Reads, userId: number): Promise<Profile> {
  const [user] = await db.all<UserRow>(`SELECT ${USER_COLUMNS} FROM users WHERE id = ?`, [userId]);
  if (!user) throw new ImError("user_not_found");
  const [row = EMPTY] = await db.all<ProfileRow>(`SELECT ${COLUMNS} FROM profiles WHERE user_id = ?`, [
    userId,
  ]);
  const { bio, custom, email, phone, find_by: findBy, write_by: writeBy, seen_by: seenBy } = row;
  const privacy = { findBy, writeBy, seenBy };
  const times = { renamedAt: row.renamed_at, factorAt: row.factor_at };
  return { user: toUser(user), bio, custom, email, phone, privacy, ...times };
}

/** Sets the columns that have a value in one row. */
async function write(
  tx: Tx,
  table: "users" | "profiles",
  [key, id]: [string, number],
  values: Record<string, Value | undefined>,
): Promise<void> {
  const given = Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  if (given.length === 0) return;
  const columns = given.map(([column]) => `${column} = ?`);
  await tx.run(`UPDATE ${table} SET ${columns} WHERE ${key} = ?`, [...given.map(([, value]) => value), id]);
}

/** The profile as it is now; the inbox says so if it is another one. */
async function changed(tx: Tx, userId: number, before: Profile, now: number): Promise<ProfileResponse> {
  const profile = await readProfile(tx, userId);
  if (JSON.stringify(profile) === JSON.stringify(before)) return { profile };
  const item = { userId, actorId: userId, kind: "profile.changed", content: {} };
  const [inbox] = await appendInboxes(tx, [item], now);
  if (JSON.stringify(profile.user) !== JSON.stringify(before.user)) await noteRevised(tx, [userId]);
  return { profile, inbox };
}
