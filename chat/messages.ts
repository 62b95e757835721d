import { createHash } from "node:crypto";
import type { Bus } from "../bus/bus.ts";
import type { Data } from "../data/service.ts";
import { contentBytes, MAX_CONTENT_BYTES } from "../wire/content.ts";
import { ImError, type Output } from "../wire/mod.ts";
import { announceEntry } from "./announce.ts";
import type { DirectPolicy } from "./direct_policy.ts";
import type { Handlers } from "./handlers.ts";
import { findPeople } from "./people.ts";
import { presentEntry, presentMessage } from "./present.ts";

type Messages = Handlers<
  | "message.send"
  | "message.forward"
  | "message.history"
  | "message.get"
  | "message.edits"
  | "message.pins"
  | "log.read"
>;

/** Sending and reading messages. */
export function createMessages(
  { data, bus, friendsOnly }: { data: Data; bus: Bus } & DirectPolicy,
): Messages {
  async function send(
    conversationId: number,
    senderId: number,
    clientId: string,
    content: unknown,
  ): Promise<Output<"message.send">> {
    const body = JSON.stringify(content);
    const stored = await data.log.append({ conversationId, senderId, clientId, body, friendsOnly });
    const { seq, messageNo, at } = stored;
    if (!stored.duplicate) {
      const entry = { seq, kind: "message", senderId, at, messageNo, clientId, body };
      announceEntry(bus, conversationId, stored.directUserIds, entry);
    }
    return { seq, messageNo, at };
  }

  /** The messages to send on, as they are now. */
  async function originals(conversationId: number, userId: number, seqs: number[]) {
    const { entries } = await data.log.get({ conversationId, userId, seqs });
    const messages = new Map(entries.map((entry) => [entry.seq, presentMessage(entry)]));
    return seqs.map((seq) => {
      const message = messages.get(seq);
      if (!message) throw new ImError("message_not_found", `seq ${seq} is no message`, { field: "seqs" });
      if (message.content.type === "recalled") throw new ImError("message_recalled");
      // For who has deleted it, it is no more.
      if (message.content.type === "hidden") {
        throw new ImError("message_not_found", `seq ${seq} was deleted`, { field: "seqs" });
      }
      return message;
    });
  }

  return {
    "message.send": ({ userId }, { conversationId, clientId, content }) =>
      send(Number(conversationId), userId, clientId, content),

    "message.forward": async ({ userId }, input) => {
      const conversationId = Number(input.conversationId);
      const messages = await originals(Number(input.fromConversationId), userId, input.seqs);
      const people = await findPeople(data, messages.map((message) => Number(message.senderId)));
      const items = messages.map(({ senderId, at, content }) => {
        // A reply and its mentions mean something only where they were said.
        const { replyTo: _, mentions: __, ...plain } = content;
        return { senderId, senderName: people.get(Number(senderId))?.displayName ?? "", at, content: plain };
      });
      if (input.merged) {
        const content = { type: "merged", title: input.title, items };
        if (contentBytes(content) > MAX_CONTENT_BYTES) {
          const text = `Together they are over ${MAX_CONTENT_BYTES} bytes; forward fewer, or each by itself`;
          throw new ImError("too_large", text, { field: "seqs" });
        }
        return { sent: [await send(conversationId, userId, input.clientId, content)] };
      }
      const sends = items.map(({ content, senderId, senderName }, i) => {
        const forwardedFrom = content.forwardedFrom ?? { senderId, senderName };
        return send(conversationId, userId, partId(input.clientId, input.seqs[i], i), {
          ...content,
          forwardedFrom,
        });
      });
      return { sent: await Promise.all(sends) };
    },

    "message.history": async (caller, { conversationId, before = 0, limit }) => {
      const { entries, more } = await data.log.history({
        conversationId: Number(conversationId),
        userId: caller.userId,
        before,
        limit,
      });
      const messages = entries.map(presentMessage).reverse();
      return { messages, nextBefore: more ? messages[0].seq : null };
    },

    "message.get": async (caller, { conversationId, seq }) => {
      const { entries } = await data.log.get({
        conversationId: Number(conversationId),
        userId: caller.userId,
        seqs: [seq],
      });
      if (entries.length === 0) throw new ImError("message_not_found");
      return presentMessage(entries[0]);
    },

    "message.edits": async (caller, { conversationId, seq }) => {
      const { entries } = await data.log.edits({
        conversationId: Number(conversationId),
        userId: caller.userId,
        seq,
      });
      return { entries: entries.map(presentEntry) };
    },

    "message.pins": async (caller, { conversationId }) => {
      const { entries } = await data.log.pins({
        conversationId: Number(conversationId),
        userId: caller.userId,
      });
      return { messages: entries.map(presentMessage) };
    },

    "log.read": async (caller, { conversationId, after = 0, before, limit }) => {
      const { entries, lastSeq } = await data.log.read({
        conversationId: Number(conversationId),
        userId: caller.userId,
        after,
        before,
        limit,
      });
      return { entries: entries.map(presentEntry), lastSeq };
    },
  };
}

/** Each part of a forward has a client id of its own, the same when the whole is repeated. */
function partId(clientId: string, seq: number, index: number): string {
  return `${clientId}:${createHash("sha256").update(`${seq}:${index}`).digest("hex").slice(0, 12)}`;
}
