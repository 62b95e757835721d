import { ImError } from "../../../wire/errors.ts";
import type { Groups } from "../../service.ts";
import type { Storage } from "../../sql/driver.ts";
import type { Clock } from "../clock.ts";
import { lockHeads } from "../entries.ts";
import { recordChange, requireActor, requireTarget, unchanged } from "./group_row.ts";

/** Who may not write for a while. What it means is in may_write.ts. */
export function createMutes(db: Storage, { now }: Clock): Pick<Groups, "mute" | "muteAll"> {
  /** What is over counts as not muted. */
  const pending = (until: number) => until > now() ? until : 0;

  return {
    mute: ({ conversationId, userId, memberId, until }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId]);
        const { actor } = await requireActor(tx, conversationId, userId);
        const member = await requireTarget(tx, conversationId, memberId);
        if (member.role >= actor.role) throw new ImError("forbidden");
        if (pending(until) === pending(member.muted_until)) return unchanged();
        await tx.run("UPDATE members SET muted_until = ? WHERE conversation_id = ? AND user_id = ?", [
          pending(until),
          conversationId,
          memberId,
        ]);
        const content = { memberId: String(memberId), until: pending(until) || null };
        const event = { kind: "member.muted", actorId: userId, content };
        return await recordChange(tx, conversationId, event, now());
      }),

    muteAll: ({ conversationId, userId, until }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId]);
        const { group } = await requireActor(tx, conversationId, userId);
        if (pending(until) === pending(group.muted_until)) return unchanged();
        await tx.run("UPDATE conversations SET muted_until = ? WHERE id = ?", [
          pending(until),
          conversationId,
        ]);
        const event = { kind: "group.muted", actorId: userId, content: { until: pending(until) || null } };
        return await recordChange(tx, conversationId, event, now());
      }),
  };
}
