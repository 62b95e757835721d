import { ImError } from "../../wire/errors.ts";
import { ConversationType, MemberRole, Who } from "../service.ts";
import type { Row } from "../sql/driver.ts";
import type { MemberRow } from "./members.ts";

/** What of a conversation's row decides who may write in it. */
export interface WritingRow extends Row {
  type: number;
  who_writes: number;
  muted_until: number;
  dissolved_seq: number;
}

export const WRITING_COLUMNS = "type, who_writes, muted_until, dissolved_seq";

/** Why a member of a group may not write in it now; null: they may. */
export function writingRefusal(group: WritingRow, member: MemberRow, now: number): ImError | null {
  if (group.type !== ConversationType.CONVERSATION_GROUP) return null;
  // The owner mutes an admin one by one, but what holds for all holds for members.
  const isPlain = member.role === MemberRole.MEMBER_ROLE_MEMBER;
  if (isPlain && group.who_writes === Who.WHO_ADMINS) return new ImError("read_only");
  return mutedUntil(group, member) > now ? new ImError("muted") : null;
}

/** Until when a member is muted, by themselves or with all; 0 or past: they are not. */
export function mutedUntil(
  group: Pick<WritingRow, "muted_until">,
  member: Pick<MemberRow, "muted_until" | "role">,
): number {
  const withAll = member.role === MemberRole.MEMBER_ROLE_MEMBER ? group.muted_until : 0;
  return Math.max(member.muted_until, withAll);
}

/** What somebody is told who is not in a conversation (any more): who saw a group's end knows of it. */
export function hasGone(group: WritingRow | undefined, member: MemberRow | undefined): ImError {
  const sawTheEnd = group && member?.left_seq && member.left_seq === group.dissolved_seq;
  return new ImError(sawTheEnd ? "group_dissolved" : "conversation_not_found");
}
