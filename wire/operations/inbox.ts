import * as z from "zod";
import { InboxEntry, Seq } from "../schemas.ts";
import { limit, type Operation } from "./operation.ts";

export const inbox = {
  "inbox.read": {
    method: "GET",
    path: "/inbox",
    access: "user",
    // What its kinds are about decides, entry by entry (wire/scopes.ts).
    bots: "any",
    summary:
      "The caller's own log after a place: conversations joined and left, friends, settings, deletions",
    input: z.strictObject({ after: Seq.default(0), limit: limit(500, 100) }),
    output: z.object({
      entries: z.array(InboxEntry),
      lastSeq: Seq.meta({ description: "How far the inbox goes" }),
    }),
  },
} as const satisfies Record<string, Operation>;
