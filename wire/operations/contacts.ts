import * as z from "zod";
import { Id, note, Profile, Self, Time, User } from "../schemas.ts";
import { Cursor, Empty, limit, Ok, type Operation } from "./operation.ts";

export const contacts = {
  "user.me": {
    method: "GET",
    path: "/users/me",
    access: "user",
    bots: "any",
    summary: "The caller's own account",
    input: Empty,
    output: Self,
  },
  "user.get": {
    method: "GET",
    path: "/users/{userId}",
    access: "user",
    summary:
      "One user. Who has blocked the caller shows a name and no more; a deleted account answers `deleted`, so that what " +
      "it wrote can be shown",
    input: z.strictObject({ userId: Id }),
    output: Profile,
  },
  "user.search": {
    method: "GET",
    path: "/users",
    access: "user",
    summary: "Users whose username or display name begins with the query and who let the caller find them " +
      "(`privacy.findBy`); the caller is left out",
    input: z.strictObject({ query: z.string().trim().min(1).max(64), limit: limit(50, 20) }),
    output: z.object({ users: z.array(User) }),
  },
  "friend.request": {
    method: "POST",
    path: "/friends/requests",
    access: "user",
    summary: "Ask someone to be friends; if they have asked already, that accepts",
    input: z.strictObject({ userId: Id, note: note(200).optional() }),
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
} as const satisfies Record<string, Operation>;
