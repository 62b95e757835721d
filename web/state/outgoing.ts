import { signal } from "@preact/signals";
import { type Content, type Entry, Outbox, type OutboxItem } from "../../sdk/mod.ts";
import { chat } from "./chat.ts";
import { applyEntries } from "./conversations.ts";
import { me } from "./people.ts";
import { client } from "./server.ts";

/** What this person has said and the server has not stored yet. */
let outbox = makeOutbox();

/** Counts the outbox's changes, so that whoever shows it is drawn again. */
const changes = signal(0);

export function say(conversationId: string, text: string): void {
  sayContent(conversationId, { type: "text", text });
}

export function sayContent(conversationId: string, content: Content): void {
  outbox.add(conversationId, content);
}

export function pendingIn(conversationId: string): OutboxItem[] {
  return changes.value >= 0 ? outbox.items(conversationId) : [];
}

export function retrySend(clientId: string): void {
  outbox.retry(clientId);
}

export function discardSend(clientId: string): void {
  outbox.discard(clientId);
}

export function resumeOutbox(): void {
  outbox.resume();
}

export function forgetOutbox(): void {
  outbox.close();
  outbox = makeOutbox();
  changes.value++;
}

function makeOutbox(): Outbox {
  return new Outbox({
    send: (input) => client.call("message.send", input),
    onChange: () => changes.value++,
    onSent: (item, { seq, messageNo, at }) => {
      const { clientId, conversationId, content } = item;
      const entry: Entry = {
        seq,
        kind: "message",
        senderId: me.peek()?.id ?? "",
        at,
        messageNo,
        clientId,
        content,
      };
      // The ack is as good as the push, and mostly earlier.
      if (chat.peek()?.id === conversationId) chat.peek()?.push([entry]);
      applyEntries(conversationId, [entry]);
      changes.value++;
    },
  });
}
