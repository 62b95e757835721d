import * as z from "zod";
import { Id, Seq } from "../schemas.ts";
import { Ok, type Operation } from "./operation.ts";

export const receipts = {
  "receipt.delivered": {
    method: "PUT",
    path: "/conversations/{conversationId}/delivered",
    access: "user",
    summary:
      "Say that everything up to here has reached this device. Once a second for a conversation is enough",
    input: z.strictObject({ conversationId: Id, seq: Seq }),
    output: z.object({ deliveredSeq: Seq }),
  },
  "receipt.list": {
    method: "GET",
    path: "/conversations/{conversationId}/receipts",
    access: "user",
    summary: "How far each member has received and read; in groups of up to 100 members",
    input: z.strictObject({ conversationId: Id }),
    output: z.object({ receipts: z.array(z.object({ userId: Id, deliveredSeq: Seq, readSeq: Seq })) }),
  },
  "typing.set": {
    method: "PUT",
    path: "/conversations/{conversationId}/typing",
    access: "user",
    summary:
      "Say that the caller is writing, every 5 s while it lasts, or has stopped. Not told in groups of over " +
      "100 members",
    input: z.strictObject({ conversationId: Id, on: z.boolean() }),
    output: Ok,
  },
} as const satisfies Record<string, Operation>;
