import * as z from "zod";
import {
  ClientId,
  Content,
  Conversation,
  DisplayName,
  Entry,
  Id,
  Member,
  Password,
  Self,
  Seq,
  Time,
  User,
  Username,
} from "./schemas.ts";

/**
 * What a client can do, declared once and served on both doors: as the JSON-RPC method `name` on the
 * WebSocket and as `method /api/v1{path}` over REST. In a path, `{field}` is a field of the input; the other
 * fields travel in the query of a GET or DELETE and in the JSON body of the rest. Unknown fields are refused.
 */
export interface Operation {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  /** Who may call it: anyone, or a person with a session. */
  access: "public" | "user";
  summary: string;
  input: z.ZodObject;
  output: z.ZodType;
}

const Empty = z.strictObject({});
const Ok = z.object({});
const limit = (max: number, usual: number) =>
  z.int().min(1).default(usual).transform((n) => Math.min(n, max)).meta({
    description: `How many at the most; over ${max} counts as ${max}`,
  });
const Cursor = z.string().max(200).optional().meta({ description: "`nextCursor` of the page before" });

/**
 * With `cookie: true` the tokens come as HttpOnly cookies and not in the answer, for web pages: no script
 * can read them.
 */
const Device = { deviceName: z.string().trim().min(1).max(64).optional(), cookie: z.boolean().optional() };
const Login = z.object({
  user: User,
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
  expiresIn: z.int().meta({ description: "Seconds until the access token expires" }),
});

export const operations = {
  "auth.register": {
    method: "POST",
    path: "/auth/register",
    access: "public",
    summary: "Make an account and log in",
    input: z.strictObject({
      username: Username,
      password: Password,
      displayName: DisplayName.optional(),
      ...Device,
    }),
    output: Login,
  },
  "auth.login": {
    method: "POST",
    path: "/auth/login",
    access: "public",
    summary: "Log in: starts a session on this device",
    input: z.strictObject({ username: Username, password: z.string().max(256), ...Device }),
    output: Login,
  },
  "auth.refresh": {
    method: "POST",
    path: "/auth/refresh",
    access: "public",
    summary: "Trade a refresh token for new tokens. Each is good once; a second use ends the session",
    input: z.strictObject({ refreshToken: z.string().max(200).optional(), cookie: z.boolean().optional() }),
    output: Login,
  },
  "auth.logout": {
    method: "POST",
    path: "/auth/logout",
    access: "user",
    summary: "End this session on every gateway",
    input: Empty,
    output: Ok,
  },
  "auth.setup": {
    method: "POST",
    path: "/auth/setup",
    access: "public",
    summary: "Make the first admin, with the one-time token of the admin link",
    input: z.strictObject({
      token: z.string().max(200),
      username: Username,
      password: Password,
      displayName: DisplayName.optional(),
      ...Device,
    }),
    output: Login,
  },

  "user.me": {
    method: "GET",
    path: "/users/me",
    access: "user",
    summary: "The caller's own account",
    input: Empty,
    output: Self,
  },
  "user.get": {
    method: "GET",
    path: "/users/{userId}",
    access: "user",
    summary: "One user",
    input: z.strictObject({ userId: Id }),
    output: User,
  },
  "user.search": {
    method: "GET",
    path: "/users",
    access: "user",
    summary: "Users whose username or display name begins with the query, the caller left out",
    input: z.strictObject({ query: z.string().trim().min(1).max(64), limit: limit(50, 20) }),
    output: z.object({ users: z.array(User) }),
  },

  "friend.request": {
    method: "POST",
    path: "/friends/requests",
    access: "user",
    summary: "Ask someone to be friends; if they have asked already, that accepts",
    input: z.strictObject({ userId: Id, note: z.string().trim().max(200).optional() }),
    output: z.object({ state: z.enum(["requested", "friends"]) }),
  },
  "friend.requests": {
    method: "GET",
    path: "/friends/requests",
    access: "user",
    summary: "Friend requests waiting for the caller's answer",
    input: z.strictObject({ cursor: Cursor, limit: limit(200, 50) }),
    output: z.object({
      requests: z.array(z.object({ user: User, note: z.string(), at: Time })),
      nextCursor: z.string().nullable(),
    }),
  },
  "friend.accept": {
    method: "POST",
    path: "/friends/requests/{userId}/accept",
    access: "user",
    summary: "Accept someone's request",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "friend.reject": {
    method: "POST",
    path: "/friends/requests/{userId}/reject",
    access: "user",
    summary: "Turn someone's request down",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "friend.list": {
    method: "GET",
    path: "/friends",
    access: "user",
    summary: "The caller's friends",
    input: z.strictObject({ cursor: Cursor, limit: limit(200, 50) }),
    output: z.object({
      friends: z.array(z.object({ user: User, since: Time })),
      nextCursor: z.string().nullable(),
    }),
  },
  "friend.remove": {
    method: "DELETE",
    path: "/friends/{userId}",
    access: "user",
    summary: "End a friendship on both sides, or withdraw a request",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "block.add": {
    method: "PUT",
    path: "/blocks/{userId}",
    access: "user",
    summary: "Take no direct messages and no friend requests from someone",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "block.remove": {
    method: "DELETE",
    path: "/blocks/{userId}",
    access: "user",
    summary: "Lift a block",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "block.list": {
    method: "GET",
    path: "/blocks",
    access: "user",
    summary: "Whom the caller has blocked",
    input: z.strictObject({ cursor: Cursor, limit: limit(200, 50) }),
    output: z.object({ users: z.array(User), nextCursor: z.string().nullable() }),
  },

  "conversation.openDirect": {
    method: "PUT",
    path: "/conversations/direct/{userId}",
    access: "user",
    summary: "The conversation with one other person, made when there is none; the same for both",
    input: z.strictObject({ userId: Id }),
    output: Conversation,
  },
  "conversation.list": {
    method: "GET",
    path: "/conversations",
    access: "user",
    summary: "The caller's conversations, the one with the newest entry first",
    input: z.strictObject({ cursor: Cursor, limit: limit(200, 50) }),
    output: z.object({ conversations: z.array(Conversation), nextCursor: z.string().nullable() }),
  },
  "conversation.get": {
    method: "GET",
    path: "/conversations/{conversationId}",
    access: "user",
    summary: "One conversation as the caller sees it",
    input: z.strictObject({ conversationId: Id }),
    output: Conversation,
  },
  "conversation.members": {
    method: "GET",
    path: "/conversations/{conversationId}/members",
    access: "user",
    summary: "Who is in a conversation",
    input: z.strictObject({ conversationId: Id, cursor: Cursor, limit: limit(200, 50) }),
    output: z.object({ members: z.array(Member), nextCursor: z.string().nullable() }),
  },
  "conversation.markRead": {
    method: "PUT",
    path: "/conversations/{conversationId}/read",
    access: "user",
    summary: "Move the caller's read marker forward; it never moves back",
    input: z.strictObject({ conversationId: Id, seq: Seq }),
    output: z.object({ readSeq: Seq, unread: z.int() }),
  },
  "group.create": {
    method: "POST",
    path: "/groups",
    access: "user",
    summary: "Make a group of the caller (its owner) and others",
    input: z.strictObject({ title: z.string().trim().min(1).max(100), memberIds: z.array(Id).max(999) }),
    output: Conversation,
  },
  "group.addMembers": {
    method: "POST",
    path: "/groups/{conversationId}/members",
    access: "user",
    summary: "Add people to a group; for its owner and admins",
    input: z.strictObject({ conversationId: Id, memberIds: z.array(Id).min(1).max(999) }),
    output: z.object({ added: z.array(Id) }),
  },
  "group.leave": {
    method: "DELETE",
    path: "/groups/{conversationId}/members/me",
    access: "user",
    summary: "Leave a group. What its owner leaves passes to its longest-standing member",
    input: z.strictObject({ conversationId: Id }),
    output: Ok,
  },

  "message.send": {
    method: "POST",
    path: "/conversations/{conversationId}/messages",
    access: "user",
    summary: "Store a message. The answer means it is durable; the same clientId again gives the same answer",
    input: z.strictObject({ conversationId: Id, clientId: ClientId, content: Content }),
    output: z.object({ seq: Seq, messageNo: z.int(), at: Time }),
  },
  "message.history": {
    method: "GET",
    path: "/conversations/{conversationId}/messages",
    access: "user",
    summary: "Messages before a place in the log (without `before`: the newest), oldest first",
    input: z.strictObject({ conversationId: Id, before: Seq.optional(), limit: limit(200, 50) }),
    output: z.object({ messages: z.array(Entry), nextBefore: Seq.nullable() }),
  },
  "log.read": {
    method: "GET",
    path: "/conversations/{conversationId}/log",
    access: "user",
    summary: "The entries after a place in the log, without holes; `lastSeq` says how far the log goes",
    input: z.strictObject({ conversationId: Id, after: Seq.default(0), limit: limit(1000, 200) }),
    output: z.object({ entries: z.array(Entry), lastSeq: Seq }),
  },
} as const satisfies Record<string, Operation>;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
/** What a caller passes (defaults may be left out). */
export type Input<N extends OperationName> = z.input<Operations[N]["input"]>;
/** What a handler receives (defaults filled in). */
export type Parsed<N extends OperationName> = z.output<Operations[N]["input"]>;
export type Output<N extends OperationName> = z.output<Operations[N]["output"]>;
