import { ImError } from "../../../wire/errors.ts";
import type { Groups } from "../../service.ts";
import type { Row, Storage, Tx } from "../../sql/driver.ts";
import type { Clock } from "../clock.ts";
import { lockHeads } from "../entries.ts";
import { appendInboxes } from "../inbox.ts";
import { readMembers } from "../members.ts";
import { requireUsers } from "../users.ts";
import { admit } from "./admit.ts";
import { adminIdsOf, requireActor, requireGroup, unchanged } from "./group_row.ts";
import { type LinkRow, requireLink, requireNotBanned } from "./links.ts";

const MAX_REQUESTS = 1000;

/** Coming in by a code: at once, or when an admin has said so. */
export function createJoining(db: Storage, { now }: Clock): Pick<Groups, "join" | "requests" | "answer"> {
  return {
    async join({ code, userId, note, maxMembers }) {
      const { conversation_id: conversationId } = await findLink(db, code);
      const adminIds = await adminIdsOf(db, conversationId);
      return await db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId, userId, ...adminIds]);
        const [member] = await readMembers(tx, [[conversationId, userId]]);
        // Before the code is looked at: who came in by its last use asks again in vain and in peace.
        if (member?.left_seq === null) return { conversationId, joined: true, change: unchanged() };
        const waits = await isWaiting(tx, conversationId, userId);
        const group = await requireGroup(tx, conversationId);
        if (waits && group.approval === 1) return { conversationId, joined: false, change: unchanged() };
        await requireNotBanned(tx, conversationId, userId);
        await requireLink(tx, code, now());
        // Who asked has used the code already.
        if (!waits) await tx.run("UPDATE group_links SET uses = uses + 1 WHERE code = ?", [code]);
        if (group.approval === 0) {
          const change = await admit(tx, group, { userIds: [userId], actorId: userId, maxMembers }, now());
          return { conversationId, joined: true, change };
        }
        await addRequest(tx, conversationId, userId, { note, at: now() });
        const content = { conversationId: String(conversationId), userId: String(userId) };
        // Somebody may have become an admin between the look and the lock; they see it in the list.
        const known = (await adminIdsOf(tx, conversationId)).filter((id) => adminIds.includes(id));
        const items = known.map((id) => ({ userId: id, actorId: userId, kind: "group.requested", content }));
        const inboxes = await appendInboxes(tx, items, now());
        return { conversationId, joined: false, change: { ...unchanged(), inboxes } };
      });
    },

    async requests({ conversationId, userId, afterId, limit }) {
      await requireActor(db, conversationId, userId);
      const rows = await db.all<Row & { user_id: number; note: string; at: number }>(
        `SELECT user_id, note, at FROM group_requests
         WHERE conversation_id = ? AND user_id > ? ORDER BY user_id LIMIT ?`,
        [conversationId, afterId, limit + 1],
      );
      const requests = rows.slice(0, limit)
        .map((row) => ({ userId: row.user_id, note: row.note, at: row.at }));
      return { requests, more: rows.length > limit };
    },

    answer: ({ conversationId, userId, memberId, approve, maxMembers }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId, memberId]);
        const { group } = await requireActor(tx, conversationId, userId);
        if (!await isWaiting(tx, conversationId, memberId)) throw new ImError("request_not_found");
        const change = approve
          ? await admit(tx, group, { userIds: [memberId], actorId: userId, maxMembers }, now())
          : unchanged();
        if (!approve) await removeRequest(tx, conversationId, memberId);
        const content = { conversationId: String(conversationId), approved: approve };
        const item = { userId: memberId, actorId: userId, kind: "group.answered", content };
        return { ...change, inboxes: [...change.inboxes, ...await appendInboxes(tx, [item], now())] };
      }),
  };
}

/** Also one that is of no use any more: what it leads to decides. Errors: link_invalid. */
async function findLink(db: Storage, code: string): Promise<LinkRow> {
  const [link] = await db.all<LinkRow>("SELECT conversation_id FROM group_links WHERE code = ?", [code]);
  if (!link) throw new ImError("link_invalid");
  return link;
}

async function isWaiting(tx: Tx, conversationId: number, userId: number): Promise<boolean> {
  const rows = await tx.all("SELECT at FROM group_requests WHERE conversation_id = ? AND user_id = ?", [
    conversationId,
    userId,
  ]);
  return rows.length > 0;
}

async function addRequest(
  tx: Tx,
  conversationId: number,
  userId: number,
  { note, at }: { note: string; at: number },
): Promise<void> {
  await requireUsers(tx, [userId]);
  const [{ count }] = await tx.all<Row & { count: number }>(
    "SELECT COUNT(*) AS count FROM group_requests WHERE conversation_id = ?",
    [conversationId],
  );
  if (count >= MAX_REQUESTS) throw new ImError("too_many", `At most ${MAX_REQUESTS} people wait at a group`);
  const columns = ["conversation_id", "user_id", "note", "at"];
  await tx.insert("group_requests", columns, [[conversationId, userId, note, at]]);
}

async function removeRequest(tx: Tx, conversationId: number, userId: number): Promise<void> {
  await tx.run("DELETE FROM group_requests WHERE conversation_id = ? AND user_id = ?", [
    conversationId,
    userId,
  ]);
}
