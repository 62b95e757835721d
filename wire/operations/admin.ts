import * as z from "zod";
import { Id, Member, note, Time, User } from "../schemas.ts";
import { Cursor, limit, Ok, type Operation } from "./operation.ts";

/** An account as admins see it. */
export const Account = User.extend({
  role: z.enum(["user", "admin"]),
  createdAt: Time,
  lastSeenAt: Time.nullable(),
  disabledAt: Time.nullable(),
  sessions: z.int().nonnegative().meta({ description: "Devices, or tokens, that are logged in" }),
  email: z.string().optional().meta({ description: "In `admin.user` only, as is `phone`" }),
  phone: z.string().optional(),
});

/** A group as admins see it: not what is said in it. */
export const AdminGroup = z.object({
  id: Id,
  title: z.string(),
  avatar: z.string().optional(),
  owner: User.nullable().meta({ description: "Null of a group that is dissolved" }),
  members: z.int().nonnegative(),
  messages: z.int().nonnegative().meta({ description: "How many were ever sent to it" }),
  createdAt: Time,
  lastAt: Time.meta({ description: "When something last happened in it" }),
  dissolved: z.boolean(),
});

export const Broadcast = z.object({
  id: Id,
  adminId: Id,
  text: z.string(),
  at: Time,
  everyone: z.boolean(),
  told: z.int().nonnegative().meta({ description: "How many have been told so far" }),
  total: z.int().nonnegative().meta({ description: "How many there were to tell when it began" }),
  doneAt: Time.nullable(),
});

const Times = z.object({ p50: z.number(), p99: z.number() }).nullable();
const rate = z.number().nonnegative();
const count = z.int().nonnegative();

/** How one gateway is. */
export const GatewayFigures = z.object({
  id: z.string().meta({ description: "Drawn anew at each start" }),
  name: z.string().meta({ description: "Host and port" }),
  version: z.string(),
  startedAt: Time,
  at: Time.meta({ description: "When it said so" }),
  missing: z.boolean().meta({ description: "It did not answer in time; the figures are its last ones" }),
  connections: count,
  users: count.meta({ description: "Users with a connection there" }),
  messagesPerSecond: rate.meta({ description: "Sends stored and answered, in the last ten seconds" }),
  deliveriesPerSecond: rate.meta({ description: "Entries given to connections, in the last ten seconds" }),
  ackMs: Times.meta({
    description: "From a send's arrival to its answer, in the last minute; null: there was none",
  }),
  deliveryMs: Times.meta({ description: "From an entry's storing to its leaving for the connections" }),
  loopDelayMs: rate.nullable().meta({ description: "How late timers are, p99 of the last minute" }),
  cpu: rate.meta({ description: "In cores" }),
  memoryBytes: count,
  heapBytes: count,
  outboxBytes: count.meta({ description: "What waits to be read by clients" }),
  queues: z.record(z.string(), count).meta({ description: "What waits, or is under way" }),
});

/** Of all gateways that answered. */
export const FiguresSum = z.object({
  gateways: count,
  missing: count,
  connections: count,
  users: count.meta({ description: "Who is connected to two gateways counts twice" }),
  messagesPerSecond: rate,
  deliveriesPerSecond: rate,
  ackMs: Times.meta({ description: "Of the gateway where it is longest" }),
  deliveryMs: Times.meta({ description: "Of the gateway where it is longest" }),
});

export const AuditLine = z.object({
  id: Id,
  at: Time,
  adminId: Id.nullable().meta({ description: "null: who runs the server, at the command line" }),
  act: z.string().meta({ description: "The operation" }),
  targetId: Id.nullable(),
  detail: z.record(z.string(), z.unknown()),
  address: z.string(),
});

for (
  const [id, schema] of Object.entries({
    Account,
    AdminGroup,
    GatewayFigures,
    FiguresSum,
    Broadcast,
    AuditLine,
  })
) {
  z.globalRegistry.add(schema, { id });
}

/** What admins of the server do. Each call leaves a line in the audit log, those that only read too. */
export const admin = {
  "admin.users": {
    method: "GET",
    path: "/admin/users",
    access: "admin",
    summary: "Accounts, by id; those whose username or display name begins with the query, or all",
    input: z.strictObject({
      state: z.enum(["any", "active", "disabled", "admin", "bot"]).default("any"),
      query: z.string().trim().max(64).optional(),
      cursor: Cursor,
      limit: limit(200, 50),
    }),
    output: z.object({ users: z.array(Account), nextCursor: z.string().nullable() }),
  },
  "admin.user": {
    method: "GET",
    path: "/admin/users/{userId}",
    access: "admin",
    summary: "One account",
    input: z.strictObject({ userId: Id }),
    output: Account,
  },
  "admin.disable": {
    method: "POST",
    idempotent: "same",
    path: "/admin/users/{userId}/disable",
    access: "admin",
    summary:
      "Disable an account: its sessions and those of its bots end at once, and logging in answers account_disabled",
    input: z.strictObject({ userId: Id, reason: note(200).optional() }),
    output: Ok,
  },
  "admin.enable": {
    method: "POST",
    idempotent: "same",
    path: "/admin/users/{userId}/enable",
    access: "admin",
    summary: "Let a disabled account be used again. Its bots need new tokens",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "admin.setRole": {
    method: "PUT",
    path: "/admin/users/{userId}/role",
    access: "admin",
    summary:
      "Make somebody an admin of the server, or no longer; not oneself. It counts from the next call on",
    input: z.strictObject({ userId: Id, role: z.enum(["user", "admin"]) }),
    output: Ok,
  },
  "admin.endSessions": {
    method: "POST",
    idempotent: "harmless",
    path: "/admin/users/{userId}/end-sessions",
    access: "admin",
    summary: "Log an account out on all its devices; a bot loses its tokens",
    input: z.strictObject({ userId: Id }),
    output: z.object({ ended: z.int().nonnegative() }),
  },
  "admin.deleteUser": {
    method: "DELETE",
    idempotent: "done: user_not_found",
    path: "/admin/users/{userId}",
    access: "admin",
    summary:
      "Delete somebody's account and their bots, as they could themselves: it ends at once, and what it held is erased " +
      "soon after; not one's own",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "admin.resetPassword": {
    method: "POST",
    path: "/admin/users/{userId}/reset-password",
    access: "admin",
    summary:
      "Take somebody's password away and log them out everywhere. The token, to be handed to them, lets them set a new " +
      "one with `auth.resetPassword`, once and within 24 hours; the admin never knows it. Not for oneself (`conflict`)",
    input: z.strictObject({ userId: Id }),
    output: z.object({ token: z.string(), expiresAt: Time }),
  },
  "admin.removeTotp": {
    method: "DELETE",
    path: "/admin/users/{userId}/totp",
    access: "admin",
    summary:
      "Turn somebody's second factor off, who has lost it; if it was on, their devices are told by `profile.changed`. Not " +
      "for oneself (`conflict`): there is `user.disableTotp`",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "admin.groups": {
    method: "GET",
    path: "/admin/groups",
    access: "admin",
    summary: "Groups, the youngest first; those whose title begins with the query, or all",
    input: z.strictObject({
      state: z.enum(["any", "active", "dissolved"]).default("any"),
      query: z.string().trim().max(100).optional(),
      conversationId: Id.optional().meta({ description: "Only this one" }),
      cursor: Cursor,
      limit: limit(200, 50),
    }),
    output: z.object({ groups: z.array(AdminGroup), nextCursor: z.string().nullable() }),
  },
  "admin.members": {
    method: "GET",
    path: "/admin/conversations/{conversationId}/members",
    access: "admin",
    summary: "Who is in a conversation. What is said there, an admin sees only as a member",
    input: z.strictObject({ conversationId: Id, cursor: Cursor, limit: limit(200, 50) }),
    output: z.object({ members: z.array(Member), nextCursor: z.string().nullable() }),
  },
  "admin.dissolve": {
    method: "DELETE",
    idempotent: "done: conversation_not_found",
    path: "/admin/conversations/{conversationId}",
    access: "admin",
    summary: "End a group for everyone in it, as its owner could. What they may read stays readable for them",
    input: z.strictObject({ conversationId: Id }),
    output: Ok,
  },
  "admin.broadcast": {
    method: "POST",
    path: "/admin/broadcasts",
    access: "admin",
    summary:
      "Tell everyone who has an account now, or the people of a list, something: `system.message` in their inboxes. It " +
      "goes on after the answer, a few hundred at a time, and survives whatever is restarted meanwhile. Of a list, those " +
      "who have no account are left out; `user_not_found` where none has",
    input: z.strictObject({
      text: note(4000).min(1),
      userIds: z.array(Id).min(1).max(1000).optional(),
    }),
    output: Broadcast,
  },
  "admin.broadcasts": {
    method: "GET",
    path: "/admin/broadcasts",
    access: "admin",
    summary: "Broadcasts and how far they have come, the last begun first",
    input: z.strictObject({ cursor: Cursor, limit: limit(100, 20) }),
    output: z.object({ broadcasts: z.array(Broadcast), nextCursor: z.string().nullable() }),
  },
  "admin.figures": {
    method: "GET",
    path: "/admin/figures",
    access: "admin",
    summary:
      "How the server is now: each gateway, and their sum. Looking leaves one line in the audit log in ten minutes, " +
      "at each gateway that is asked",
    input: z.strictObject({}),
    output: z.object({ sum: FiguresSum, gateways: z.array(GatewayFigures) }),
  },
  "admin.audit": {
    method: "GET",
    path: "/admin/audit",
    access: "admin",
    summary: "What admins did, newest first; the lines that have all that is asked for",
    input: z.strictObject({
      adminId: Id.optional().meta({ description: "Who did it" }),
      act: z.string().max(64).optional().meta({ description: "The operation: `admin.disable`" }),
      targetId: Id.optional().meta({ description: "The user, conversation or broadcast it was about" }),
      since: Time.optional().meta({ description: "From this time on" }),
      until: Time.optional().meta({ description: "Before this time" }),
      cursor: Cursor,
      limit: limit(200, 50),
    }),
    output: z.object({ lines: z.array(AuditLine), nextCursor: z.string().nullable() }),
  },
} as const satisfies Record<string, Operation>;
