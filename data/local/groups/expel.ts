import { ImError } from "../../../wire/errors.ts";
import type { Groups } from "../../service.ts";
import type { Row, Storage, Tx } from "../../sql/driver.ts";
import type { Clock } from "../clock.ts";
import { lockHeads } from "../entries.ts";
import { readMembers } from "../members.ts";
import { requireUsers } from "../users.ts";
import { forgetRequests } from "./admit.ts";
import { recordChange, requireActor, unchanged } from "./group_row.ts";
import { part } from "./part.ts";

const MAX_BANS = 10_000;

/** Taking people out, and keeping them out. */
export function createExpelling(db: Storage, { now }: Clock): Pick<Groups, "remove" | "unban" | "bans"> {
  return {
    remove: ({ conversationId, userId, memberId, ban }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId, memberId]);
        const { actor } = await requireActor(tx, conversationId, userId);
        const [member] = await readMembers(tx, [[conversationId, memberId]]);
        const isIn = member?.left_seq === null;
        if (isIn && member.role >= actor.role) throw new ImError("forbidden");
        if (!ban && !isIn) throw new ImError("member_not_found");
        if (ban && !await addBan(tx, conversationId, memberId, { bannedBy: userId, at: now() })) {
          return unchanged();
        }
        const parting = { userId: memberId, actorId: userId };
        if (!ban) return await part(tx, conversationId, { ...parting, kind: "member.removed" }, now());
        await forgetRequests(tx, conversationId, [memberId]);
        if (isIn) return await part(tx, conversationId, { ...parting, kind: "member.banned" }, now());
        const content = { memberId: String(memberId) };
        return await recordChange(
          tx,
          conversationId,
          { kind: "member.banned", actorId: userId, content },
          now(),
        );
      }),

    unban: ({ conversationId, userId, memberId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId]);
        await requireActor(tx, conversationId, userId);
        const lifted = await tx.run("DELETE FROM group_bans WHERE conversation_id = ? AND user_id = ?", [
          conversationId,
          memberId,
        ]);
        if (lifted === 0) return unchanged();
        const content = { memberId: String(memberId) };
        const event = { kind: "member.unbanned", actorId: userId, content };
        return await recordChange(tx, conversationId, event, now());
      }),

    async bans({ conversationId, userId, afterId, limit }) {
      await requireActor(db, conversationId, userId);
      const rows = await db.all<Row & { user_id: number; banned_by: number; at: number }>(
        `SELECT user_id, banned_by, at FROM group_bans
         WHERE conversation_id = ? AND user_id > ? ORDER BY user_id LIMIT ?`,
        [conversationId, afterId, limit + 1],
      );
      const bans = rows.slice(0, limit)
        .map((row) => ({ userId: row.user_id, bannedBy: row.banned_by, at: row.at }));
      return { bans, more: rows.length > limit };
    },
  };
}

/** Whether they were not banned before. Who is banned is in no group, so that says it all. */
async function addBan(
  tx: Tx,
  conversationId: number,
  userId: number,
  { bannedBy, at }: { bannedBy: number; at: number },
): Promise<boolean> {
  const known = await tx.all("SELECT at FROM group_bans WHERE conversation_id = ? AND user_id = ?", [
    conversationId,
    userId,
  ]);
  if (known.length > 0) return false;
  await requireUsers(tx, [userId]);
  const [{ count }] = await tx.all<Row & { count: number }>(
    "SELECT COUNT(*) AS count FROM group_bans WHERE conversation_id = ?",
    [conversationId],
  );
  if (count >= MAX_BANS) throw new ImError("too_many", `A group bans at most ${MAX_BANS} people`);
  const columns = ["conversation_id", "user_id", "banned_by", "at"];
  await tx.insert("group_bans", columns, [[conversationId, userId, bannedBy, at]]);
  return true;
}
