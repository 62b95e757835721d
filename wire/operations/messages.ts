import * as z from "zod";
import { ClientId, Content, Entry, Id, Seq, Time } from "../schemas.ts";
import { limit, type Operation } from "./operation.ts";

export const messages = {
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
