import * as z from "zod";
import { FileUrl } from "../content.ts";
import { Conversation, Group, GroupLink, Id, line, note, Seq, Time, User, Who } from "../schemas.ts";
import { Cursor, limit, Ok, type Operation } from "./operation.ts";

const group = { conversationId: Id };
const member = { conversationId: Id, userId: Id };
const page = { conversationId: Id, cursor: Cursor, limit: limit(200, 50) };
const Code = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, "must be the code of an invitation");
/** `seq` of the entry that records the change; null when there was nothing to change. */
const Changed = z.object({ seq: Seq.nullable() });
const until = Time.nullable().meta({ description: "Until when; null or past: no more" });

/** Groups as such. Making one, adding people and leaving are in conversations.ts. */
export const groups = {
  "group.get": {
    method: "GET",
    path: "/groups/{conversationId}",
    access: "user",
    summary: "What a group says of itself, what it allows, and how the caller stands in it",
    input: z.strictObject(group),
    output: Group,
  },
  "group.update": {
    method: "PUT",
    idempotent: "harmless",
    path: "/groups/{conversationId}",
    access: "user",
    summary:
      "Change what a group is called and allows; what is left out stays. Title, avatar and description: its owner " +
      "and admins, and members where `whoChangesInfo` says so. The rest: owner and admins",
    input: z.strictObject({
      ...group,
      title: line(100).optional(),
      avatar: z.union([FileUrl, z.literal("")]).optional().meta({ description: "Empty: none" }),
      description: note(1000).optional(),
      whoInvites: Who.optional(),
      whoChangesInfo: Who.optional(),
      whoWrites: Who.optional().meta({ description: "`admins`: a channel that the others only read" }),
      approval: z.boolean().optional().meta({ description: "Who comes by a code waits for an admin" }),
      historyForNewMembers: z.boolean().optional().meta({
        description: "Who joins from now on may read what came before",
      }),
    }),
    output: Changed,
  },
  "group.announce": {
    method: "PUT",
    idempotent: "harmless",
    path: "/groups/{conversationId}/announcement",
    access: "user",
    summary: "Set the announcement, or take it away with an empty one; owner and admins",
    input: z.strictObject({ ...group, text: note(4000) }),
    output: Changed,
  },
  "group.setNickname": {
    method: "PUT",
    idempotent: "harmless",
    path: "/groups/{conversationId}/members/me/nickname",
    access: "user",
    summary: "What the caller is called in this group; empty: as elsewhere",
    input: z.strictObject({ ...group, nickname: z.union([line(64), z.literal("")]) }),
    output: Changed,
  },
  "group.setRole": {
    method: "PUT",
    idempotent: "harmless",
    path: "/groups/{conversationId}/members/{userId}/role",
    access: "user",
    summary: "Make a member an admin, up to 50 of them, or an admin a member; the owner",
    input: z.strictObject({ ...member, role: z.enum(["member", "admin"]) }),
    output: Changed,
  },
  "group.transfer": {
    method: "PUT",
    idempotent: "done: forbidden",
    path: "/groups/{conversationId}/owner",
    access: "user",
    summary: "Make another member the owner; the owner becomes an admin",
    input: z.strictObject(member),
    output: Changed,
  },
  "group.removeMember": {
    method: "DELETE",
    idempotent: "done: member_not_found",
    path: "/groups/{conversationId}/members/{userId}",
    access: "user",
    summary: "Take out a member who stands lower than the caller; they may come back",
    input: z.strictObject(member),
    output: Changed,
  },
  "group.ban": {
    method: "PUT",
    idempotent: "harmless",
    path: "/groups/{conversationId}/bans/{userId}",
    access: "user",
    summary:
      "Keep somebody out who stands lower than the caller, or was never in; whoever is in is taken out",
    input: z.strictObject(member),
    output: Changed,
  },
  "group.unban": {
    method: "DELETE",
    idempotent: "harmless",
    path: "/groups/{conversationId}/bans/{userId}",
    access: "user",
    summary: "Let somebody come in again who is banned; owner and admins",
    input: z.strictObject(member),
    output: Changed,
  },
  "group.bans": {
    method: "GET",
    path: "/groups/{conversationId}/bans",
    access: "user",
    summary: "Who is banned; owner and admins",
    input: z.strictObject(page),
    output: z.object({
      bans: z.array(z.object({ user: User, bannedBy: Id, at: Time })),
      nextCursor: z.string().nullable(),
    }),
  },
  "group.mute": {
    method: "PUT",
    idempotent: "harmless",
    path: "/groups/{conversationId}/members/{userId}/mute",
    access: "user",
    summary: "Let a member who stands lower than the caller not write until a time",
    input: z.strictObject({ ...member, until }),
    output: Changed,
  },
  "group.muteAll": {
    method: "PUT",
    idempotent: "harmless",
    path: "/groups/{conversationId}/mute",
    access: "user",
    summary: "Let nobody but owner and admins write until a time; owner and admins",
    input: z.strictObject({ ...group, until }),
    output: Changed,
  },
  "group.dissolve": {
    method: "DELETE",
    idempotent: "done: conversation_not_found",
    path: "/groups/{conversationId}",
    access: "user",
    limit: "heavy",
    summary: "End a group for all who are in it; what they may read stays readable. The owner",
    input: z.strictObject(group),
    output: Ok,
  },
  "group.createLink": {
    method: "POST",
    path: "/groups/{conversationId}/links",
    access: "user",
    summary: "Make an invitation: a code by which people let themselves in. Owner and admins; up to 100",
    input: z.strictObject({
      ...group,
      expiresAt: Time.optional(),
      maxUses: z.int().min(1).max(100_000).optional(),
    }),
    output: GroupLink,
  },
  "group.links": {
    method: "GET",
    path: "/groups/{conversationId}/links",
    access: "user",
    summary: "The invitations that still let in, the newest first; owner and admins",
    input: z.strictObject(group),
    output: z.object({ links: z.array(GroupLink) }),
  },
  "group.revokeLink": {
    method: "DELETE",
    path: "/groups/{conversationId}/links/{code}",
    access: "user",
    summary: "Let an invitation let nobody in any more; owner and admins",
    input: z.strictObject({ ...group, code: Code }),
    output: Ok,
  },
  "group.preview": {
    method: "GET",
    path: "/group-links/{code}",
    access: "user",
    summary: "Which group an invitation leads to",
    input: z.strictObject({ code: Code }),
    output: z.object({
      title: z.string(),
      avatar: z.string().nullable(),
      description: z.string(),
      memberCount: z.int().nonnegative(),
      approval: z.boolean().meta({ description: "An admin has to let one in" }),
    }),
  },
  "group.join": {
    method: "POST",
    idempotent: "same",
    path: "/group-links/{code}",
    access: "user",
    summary:
      "Come into a group by an invitation, or ask to be let in where that takes approval: `conversation` is null, and " +
      "the inbox will say",
    input: z.strictObject({ code: Code, note: note(200).optional() }),
    output: z.object({ state: z.enum(["joined", "requested"]), conversation: Conversation.nullable() }),
  },
  "group.requests": {
    method: "GET",
    path: "/groups/{conversationId}/requests",
    access: "user",
    summary: "Who asks to be let in; owner and admins",
    input: z.strictObject(page),
    output: z.object({
      requests: z.array(z.object({ user: User, note: z.string(), at: Time })),
      nextCursor: z.string().nullable(),
    }),
  },
  "group.approve": {
    method: "PUT",
    idempotent: "done: request_not_found",
    path: "/groups/{conversationId}/requests/{userId}",
    access: "user",
    summary: "Let somebody in who asked; owner and admins",
    input: z.strictObject(member),
    output: Ok,
  },
  "group.reject": {
    method: "DELETE",
    idempotent: "done: request_not_found",
    path: "/groups/{conversationId}/requests/{userId}",
    access: "user",
    summary: "Do not let somebody in who asked; owner and admins",
    input: z.strictObject(member),
    output: Ok,
  },
} as const satisfies Record<string, Operation>;
