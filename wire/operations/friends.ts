import * as z from "zod";
import { Friend, Id, line, note, Relation, Seq, Time, User } from "../schemas.ts";
import { Cursor, Empty, limit, Ok, type Operation } from "./operation.ts";

const Tag = line(32);

export const friends = {
  "friend.request": {
    method: "POST",
    idempotent: "done: conflict",
    path: "/friends/requests",
    access: "user",
    summary:
      "Ask someone to be friends; if they have asked already, that accepts. Asking again changes the note; who is a friend already is " +
      "answered conflict. " +
      "What nobody answers ends by itself (30 days, unless the operator says otherwise)",
    input: z.strictObject({ userId: Id, note: note(200).optional() }),
    output: z.object({ state: z.enum(["requested", "friends"]) }),
  },
  "friend.requests": {
    method: "GET",
    path: "/friends/requests",
    access: "user",
    summary: "Friend requests that wait for an answer: the caller's, or, `sent`, the other's",
    input: z.strictObject({
      direction: z.enum(["received", "sent"]).default("received"),
      cursor: Cursor,
      limit: limit(200, 50),
    }),
    output: z.object({
      requests: z.array(z.object({
        user: User,
        note: z.string(),
        at: Time,
        expiresAt: Time.nullable().meta({ description: "When it ends unanswered; null: never" }),
      })),
      nextCursor: z.string().nullable(),
    }),
  },
  "friend.accept": {
    method: "POST",
    idempotent: "done: request_not_found",
    path: "/friends/requests/{userId}/accept",
    access: "user",
    summary: "Accept someone's request",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "friend.reject": {
    method: "POST",
    idempotent: "done: request_not_found",
    path: "/friends/requests/{userId}/reject",
    access: "user",
    summary: "Turn someone's request down",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "friend.withdraw": {
    method: "DELETE",
    idempotent: "done: request_not_found",
    path: "/friends/requests/{userId}",
    access: "user",
    summary: "Take back a request of one's own that waits",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "friend.list": {
    method: "GET",
    path: "/friends",
    access: "user",
    summary: "The caller's friends, all or those with a tag, and which of them are online",
    input: z.strictObject({
      tag: Tag.optional(),
      presence: z.boolean().default(true).meta({ description: "false: do not ask who is online; faster" }),
      cursor: Cursor,
      limit: limit(200, 50),
    }),
    output: z.object({ friends: z.array(Friend), nextCursor: z.string().nullable() }),
  },
  "friend.sync": {
    method: "GET",
    path: "/friends/sync",
    access: "user",
    summary:
      "What has changed between the caller and others (friends, requests, blocks, remarks, tags) since a version, in " +
      "pages. Without one, with one that is too old (30 days and more) or not of this store, everything comes, and " +
      "`full` on the first page says to forget the rest",
    input: z.strictObject({
      since: Seq.default(0).meta({ description: "`version` of the last time" }),
      cursor: Cursor,
      limit: limit(500, 200),
    }),
    output: z.object({
      changed: z.array(Relation),
      removed: z.array(Id).meta({ description: "Between these and the caller there is nothing any more" }),
      full: z.boolean(),
      nextCursor: z.string().nullable(),
      version: Seq.meta({ description: "Of the last page: what to ask with next time" }),
    }),
  },
  "friend.configure": {
    method: "PUT",
    path: "/friends/{userId}",
    access: "user",
    summary:
      "Give a friend a name and tags of the caller's own; nobody else sees them. What is left out stays; the name is " +
      "taken away by null",
    input: z.strictObject({
      userId: Id,
      remark: line(64).nullable().optional(),
      tags: z.array(Tag).max(10).optional(),
    }),
    output: z.object({ remark: z.string().nullable(), tags: z.array(z.string()) }),
  },
  "friend.tags": {
    method: "GET",
    path: "/friends/tags",
    access: "user",
    summary: "The caller's tags, and how many friends have each; there may be 100",
    input: Empty,
    output: z.object({ tags: z.array(z.object({ tag: z.string(), friends: z.int().positive() })) }),
  },
  "friend.remove": {
    method: "DELETE",
    path: "/friends/{userId}",
    access: "user",
    summary: "End a friendship, or a request in either direction, on both sides",
    input: z.strictObject({ userId: Id }),
    output: Ok,
  },
  "block.add": {
    method: "PUT",
    path: "/blocks/{userId}",
    access: "user",
    summary:
      "Take no direct messages, friend requests or group invitations from someone; neither sees the other's presence",
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
} as const satisfies Record<string, Operation>;
