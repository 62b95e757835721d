import * as z from "zod";
import { Id, Presence } from "../schemas.ts";
import { Ok, type Operation } from "./operation.ts";

const userIds = z.array(Id).min(1).max(500);
const output = z.object({ presences: z.array(Presence) });

export const presence = {
  "presence.get": {
    method: "POST",
    idempotent: "same",
    path: "/presence",
    access: "user",
    limit: "read",
    summary:
      "Who of these people is online, and when the others last were. Friends and partners of a direct conversation " +
      "only, and nobody who has blocked the caller or is blocked: others are left out of the answer",
    input: z.strictObject({ userIds }),
    output,
  },
  "presence.subscribe": {
    method: "PUT",
    path: "/presence/subscription",
    access: "user",
    limit: "read",
    summary:
      "The same, and from then on `presence.changed` is pushed on this WebSocket, until it ends; up to 500 people " +
      "in a call and 1,000 on a WebSocket. Over REST it is refused",
    input: z.strictObject({ userIds }),
    output,
  },
  "presence.unsubscribe": {
    method: "DELETE",
    path: "/presence/subscription",
    access: "user",
    limit: "read",
    summary: "No more of these people, on this WebSocket. Over REST it is refused",
    input: z.strictObject({ userIds }),
    output: Ok,
  },
} as const satisfies Record<string, Operation>;
