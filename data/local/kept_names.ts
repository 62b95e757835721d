import { createHash } from "node:crypto";
import { ImError } from "../../wire/errors.ts";
import type { Row, Tx } from "../sql/driver.ts";

/** Nobody has this username, and it is not kept for somebody else than `userId`; or username_taken. */
export async function requireFreeName(
  tx: Tx,
  usernameKey: string,
  userId: number,
  now: number,
): Promise<void> {
  const taken = await tx.all<Row & { id: number }>("SELECT id FROM users WHERE username_key = ?", [
    usernameKey,
  ]);
  const kept = await tx.all<Row & { user_id: number }>(
    "SELECT user_id FROM kept_names WHERE name_hash = ? AND until > ?",
    [hashOf(usernameKey), now],
  );
  if (taken.some(({ id }) => id !== userId) || kept.some((row) => row.user_id !== userId)) {
    throw new ImError("username_taken", undefined, { field: "username" });
  }
}

/** Keeps a name that is given up from everyone but `userId` (0: from everyone). What is over is cleared away. */
export async function keepName(
  tx: Tx,
  usernameKey: string,
  { userId, until, now }: { userId: number; until: number; now: number },
): Promise<void> {
  await tx.run("DELETE FROM kept_names WHERE until <= ?", [now]);
  const columns = ["name_hash", "user_id", "until"];
  await tx.upsert("kept_names", columns, 1, "set", [[hashOf(usernameKey), userId, until]]);
}

/** The name itself need not be remembered. */
function hashOf(usernameKey: string): string {
  return createHash("sha256").update(usernameKey).digest("base64url");
}
