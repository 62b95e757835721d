import { ImError } from "../../wire/errors.ts";
import type { Reads, Row } from "../sql/driver.ts";

/** Of an account that is there and not deleted, or user_not_found. */
export async function passwordHashOf(db: Reads, userId: number): Promise<string> {
  const [row] = await db.all<Row & { password_hash: string }>(
    "SELECT password_hash FROM users WHERE id = ? AND closed_at = 0",
    [userId],
  );
  if (!row) throw new ImError("user_not_found");
  return row.password_hash;
}
