import type { Reads, Row, Tx } from "../sql/driver.ts";

/** Revisions further apart are not looked through; who knows only an older one begins anew. */
export const REVISION_WINDOW = 5_000;

/** What was changed since a revision, for a cache (data/cached.ts). */
export interface Revised {
  /** Which store it is: its name, and its epoch, which rises when what was known of it holds no more. */
  store: string;
  revision: number;
  users: { id: number; revision: number }[];
}

/**
 * Gives the users a new revision, in the transaction that changes what `User` (proto/user.proto) says of them, or
 * takes them away; a new user needs none. The last thing a transaction locks: then all of them lock it in one order.
 * Who reads a revision has all earlier ones, because the next one is given after this transaction's end.
 */
export async function noteRevised(tx: Tx, userIds: readonly number[]): Promise<void> {
  if (userIds.length === 0) return;
  const [{ revision }] = await tx.lock<Row & { revision: number }>("store", ["revision"], "id", [1]);
  await tx.run("UPDATE store SET revision = ? WHERE id = 1", [revision + 1]);
  const rows = [...new Set(userIds)].map((id) => [id, revision + 1]);
  await tx.upsert("revised", ["user_id", "revision"], 1, "set", rows);
}

/** The store's revision as of now, and who was revised after `since`, if that is within the window. */
export async function readRevised(db: Reads, since: number): Promise<Revised> {
  // In one statement, so that both are of one moment.
  const rows = await db.all<Row & { id: number; revision: number; epoch: number; name: string }>(
    `SELECT 0 AS id, revision, epoch, name FROM store
     UNION ALL
     SELECT user_id, revision, 0, '' FROM revised
     WHERE revision > ? AND revision > (SELECT revision FROM store) - ${REVISION_WINDOW}`,
    [since],
  );
  const { revision, epoch, name } = rows.find(({ id }) => id === 0)!;
  const users = rows.filter(({ id }) => id !== 0).map(({ id, revision }) => ({ id, revision }));
  return { store: `${name}.${epoch}`, revision, users: users.sort((a, b) => a.revision - b.revision) };
}
