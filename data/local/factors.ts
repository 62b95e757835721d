import { ImError } from "../../wire/errors.ts";
import type { Factors, InboxAppended } from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { lockHeads } from "./entries.ts";
import { appendInboxes } from "./inbox.ts";
import { readProfile } from "./profiles.ts";
import { requireUsers } from "./users.ts";

interface FactorRow extends Row {
  user_id: number;
  secret: string;
  confirmed_at: number;
  last_step: number;
  tries: number;
  tries_since: number;
}

const COLUMNS = ["user_id", "secret", "confirmed_at", "last_step", "tries", "tries_since"];

/** Second factors. All of a user's is decided under the lock of their row. */
export function createFactors(db: Storage, { now }: Clock): Factors {
  return {
    start: ({ userId, secret }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId]);
        await requireUsers(tx, [userId]);
        const row = await lockFactor(tx, userId);
        if (row?.confirmed_at) throw new ImError("conflict", "It is on already");
        // Tries stay counted: a new secret is no new chance.
        const { tries = 0, tries_since: since = 0 } = row ?? {};
        await tx.upsert("factors", COLUMNS, 1, "set", [[userId, secret, 0, 0, tries, since]]);
        return {};
      }),

    attempt: ({ userId, maxTries, windowMs }) =>
      db.transaction(async (tx) => {
        const row = await lockFactor(tx, userId);
        if (!row) return { secret: "", on: false, retryAfterMs: 0 };
        const on = row.confirmed_at > 0;
        const at = now();
        const left = row.tries_since + windowMs - at;
        if (left > 0 && row.tries >= maxTries) return { secret: "", on, retryAfterMs: left };
        const [tries, since] = left > 0 ? [row.tries + 1, row.tries_since] : [1, at];
        await tx.run("UPDATE factors SET tries = ?, tries_since = ? WHERE user_id = ?", [
          tries,
          since,
          userId,
        ]);
        return { secret: row.secret, on, retryAfterMs: 0 };
      }),

    confirm: ({ userId, secret, step, recoveryHashes }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId]);
        const row = await lockFactor(tx, userId);
        if (!row || row.confirmed_at > 0 || row.secret !== secret) throw new ImError("conflict");
        await tx.run("UPDATE factors SET confirmed_at = ?, last_step = ?, tries = 0 WHERE user_id = ?", [
          now(),
          step,
          userId,
        ]);
        await tx.run("DELETE FROM recovery_codes WHERE user_id = ?", [userId]);
        await tx.insert("recovery_codes", ["user_id", "code_hash"], recoveryHashes.map((h) => [userId, h]));
        return { inbox: await noteFactor(tx, userId, now()), profile: await readProfile(tx, userId) };
      }),

    use: ({ userId, step, recoveryHash }) =>
      db.transaction(async (tx) => {
        const row = await lockFactor(tx, userId);
        if (!row?.confirmed_at) return { used: false };
        const changed = step !== undefined
          ? await tx.run("UPDATE factors SET last_step = ? WHERE user_id = ? AND last_step < ?", [
            step,
            userId,
            step,
          ])
          : await tx.run("DELETE FROM recovery_codes WHERE user_id = ? AND code_hash = ?", [
            userId,
            recoveryHash ?? "",
          ]);
        if (changed > 0) await tx.run("UPDATE factors SET tries = 0 WHERE user_id = ?", [userId]);
        return { used: changed > 0 };
      }),

    remove: ({ userId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId]);
        const inbox = await removeFactor(tx, userId, now());
        return { inbox, profile: await readProfile(tx, userId) };
      }),
  };
}

async function lockFactor(tx: Tx, userId: number): Promise<FactorRow | undefined> {
  const [row] = await tx.lock<FactorRow>("factors", COLUMNS, "user_id", [userId]);
  return row;
}

/** Turns it off; what the inbox says of it, if it was on. Hold the head. */
export async function removeFactor(
  tx: Tx,
  userId: number,
  at: number,
): Promise<InboxAppended | undefined> {
  const row = await lockFactor(tx, userId);
  if (!row) return undefined;
  await tx.run("DELETE FROM factors WHERE user_id = ?", [userId]);
  await tx.run("DELETE FROM recovery_codes WHERE user_id = ?", [userId]);
  return row.confirmed_at > 0 ? await noteFactor(tx, userId, at, 0) : undefined;
}

/** Since when it is on stands in the profile, which is how a user's devices come to know. */
async function noteFactor(tx: Tx, userId: number, at: number, since = at): Promise<InboxAppended> {
  await tx.insertMissing("profiles", ["user_id"], [[userId]]);
  await tx.run("UPDATE profiles SET factor_at = ? WHERE user_id = ?", [since, userId]);
  const item = { userId, actorId: userId, kind: "profile.changed", content: {} };
  const [inbox] = await appendInboxes(tx, [item], at);
  return inbox;
}
