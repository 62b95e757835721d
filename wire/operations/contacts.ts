import * as z from "zod";
import { Id, Profile, Self, User } from "../schemas.ts";
import { Empty, limit, type Operation } from "./operation.ts";

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
} as const satisfies Record<string, Operation>;
