import { ImError } from "../../../wire/errors.ts";
import { type Groups, MemberRole } from "../../service.ts";
import type { Storage, Tx } from "../../sql/driver.ts";
import type { Clock } from "../clock.ts";
import { lockHeads } from "../entries.ts";
import { adminIdsOf, recordChange, requireActor, requireTarget, unchanged } from "./group_row.ts";

const { MEMBER_ROLE_ADMIN: ADMIN, MEMBER_ROLE_OWNER: OWNER } = MemberRole;

/** Whoever asks to be let in is told to all of them, and they are listed by one read. */
const MAX_ADMINS = 50;

export function createRoles(db: Storage, { now }: Clock): Pick<Groups, "setRole" | "transfer"> {
  return {
    setRole: ({ conversationId, userId, memberId, role }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId]);
        await requireActor(tx, conversationId, userId, OWNER);
        const member = await requireTarget(tx, conversationId, memberId);
        // There is one owner: who wants to be none passes the group on.
        if (role === OWNER || member.role === OWNER) throw new ImError("forbidden");
        if (member.role === role) return unchanged();
        // The owner is one of those counted.
        if (role === ADMIN && (await adminIdsOf(tx, conversationId)).length > MAX_ADMINS) {
          throw new ImError("too_many", `A group has at most ${MAX_ADMINS} admins`);
        }
        await giveRole(tx, conversationId, memberId, role);
        const content = { memberId: String(memberId), role: role === ADMIN ? "admin" : "member" };
        const event = { kind: "member.role", actorId: userId, content };
        return await recordChange(tx, conversationId, event, now());
      }),

    transfer: ({ conversationId, userId, memberId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId]);
        await requireActor(tx, conversationId, userId, OWNER);
        await requireTarget(tx, conversationId, memberId);
        if (memberId === userId) return unchanged();
        await giveRole(tx, conversationId, memberId, OWNER);
        await giveRole(tx, conversationId, userId, ADMIN);
        const content = { memberId: String(memberId) };
        const event = { kind: "group.transferred", actorId: userId, content };
        return await recordChange(tx, conversationId, event, now());
      }),
  };
}

export async function giveRole(tx: Tx, conversationId: number, userId: number, role: number): Promise<void> {
  await tx.run("UPDATE members SET role = ? WHERE conversation_id = ? AND user_id = ?", [
    role,
    conversationId,
    userId,
  ]);
}
