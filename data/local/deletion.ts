import { ImError } from "../../wire/errors.ts";
import { type EndedSession, type Profiles, Role } from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { lockHeads } from "./entries.ts";
import { ERASURES } from "./erasures.ts";
import { keepName } from "./kept_names.ts";
import { passwordHashOf } from "./password_hash.ts";
import { noteRevised } from "./revisions.ts";
import { endAll } from "./sessions.ts";

interface DeletionRow extends Row {
  user_id: number;
  stage: number;
  after_id: number;
}

/** The end of an account: marked and made nameless at once, then erased in steps that may be cut off anywhere. */
export function createDeletion(
  db: Storage,
  { now }: Clock,
): Pick<Profiles, "delete" | "erase" | "erasing"> {
  return {
    delete: ({ userId, oldHash, keepUntil }) =>
      db.transaction(async (tx) => {
        const bots = await tx.all<Row & { id: number }>(
          "SELECT id FROM users WHERE owner_id = ? AND closed_at = 0",
          [
            userId,
          ],
        );
        const ids = [userId, ...bots.map(({ id }) => id)];
        await lockHeads(tx, ids);
        if (await passwordHashOf(tx, userId) !== oldHash) throw new ImError("invalid_credentials");
        const wasAdmin = await isAdmin(tx, userId);
        const ended = await closeAccounts(tx, ids, keepUntil, now());
        // They all hold the store's row by now: of two last admins who go at once, one stays.
        if (wasAdmin) await requireAdminLeft(tx);
        return { ended };
      }),

    erase: ({ userId }) =>
      db.transaction(async (tx) => {
        const columns = ["user_id", "stage", "after_id"];
        const [row] = await tx.lock<DeletionRow>("deletions", columns, "user_id", [userId]);
        if (!row) return { done: true, inboxes: [], entries: [] };
        const { afterId, inboxes = [], entries = [] } = await ERASURES[row.stage](
          tx,
          userId,
          row.after_id,
          now(),
        );
        const stage = afterId === null ? row.stage + 1 : row.stage;
        const done = stage === ERASURES.length;
        if (done) await tx.run("DELETE FROM deletions WHERE user_id = ?", [userId]);
        else {
          await tx.run("UPDATE deletions SET stage = ?, after_id = ?, stepped_at = ? WHERE user_id = ?", [
            stage,
            afterId ?? 0,
            now(),
            userId,
          ]);
        }
        return { done, inboxes, entries };
      }),

    async erasing({ staleBefore, limit }) {
      const rows = await db.all<Row & { user_id: number }>(
        "SELECT user_id FROM deletions WHERE stepped_at < ? ORDER BY user_id LIMIT ?",
        [staleBefore, limit],
      );
      return { userIds: rows.map((row) => row.user_id) };
    },
  };
}

/** Ends accounts whose heads are held; answers their sessions, for who must close the sockets. */
export async function closeAccounts(
  tx: Tx,
  ids: readonly number[],
  keepUntil: number,
  now: number,
): Promise<EndedSession[]> {
  const ended = await endAll(tx, ids, now);
  for (const id of ids) await close(tx, id, keepUntil, now);
  await noteRevised(tx, ids);
  return ended;
}

/** What one row says of a person goes at once; the rest is on the list to be erased. */
async function close(tx: Tx, userId: number, keepUntil: number, now: number): Promise<void> {
  const [{ username_key: key }] = await tx.all<Row & { username_key: string }>(
    "SELECT username_key FROM users WHERE id = ?",
    [userId],
  );
  await keepName(tx, key, { userId: 0, until: keepUntil, now });
  // No name begins so, and none is folded to it.
  const nobody = `#${userId}`;
  await tx.run(
    `UPDATE users SET closed_at = ?, disabled_at = ?, username = ?, username_key = ?, display_name = '',
     display_key = ?, password_hash = '', role = 0, avatar = '', status = '', last_seen_at = 0 WHERE id = ?`,
    [now, now, nobody, nobody, nobody, userId],
  );
  await tx.run("DELETE FROM profiles WHERE user_id = ?", [userId]);
  for (const table of ["password_resets", "factors", "recovery_codes", "identities"]) {
    await tx.run(`DELETE FROM ${table} WHERE user_id = ?`, [userId]);
  }
  await tx.insertMissing("deletions", ["user_id", "stage", "after_id", "stepped_at"], [[userId, 0, 0, now]]);
}

async function isAdmin(tx: Tx, userId: number): Promise<boolean> {
  const found = await tx.all("SELECT id FROM users WHERE id = ? AND role = ?", [userId, Role.ROLE_ADMIN]);
  return found.length > 0;
}

async function requireAdminLeft(tx: Tx): Promise<void> {
  const left = await tx.all(
    "SELECT id FROM users WHERE role = ? AND disabled_at = 0 AND closed_at = 0 LIMIT 1",
    [
      Role.ROLE_ADMIN,
    ],
  );
  if (left.length === 0) {
    throw new ImError("conflict", "You are the only admin of this server; make somebody else one first");
  }
}
