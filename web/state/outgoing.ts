import { signal } from "@preact/signals";
import {
  type Content,
  type Entry,
  IndexedDbOutboxStore,
  openOutbox,
  type Outbox,
  type OutboxItem,
} from "../../sdk/mod.ts";
import { chat } from "./chat.ts";
import { applyEntries } from "./conversations.ts";
import { me } from "./people.ts";
import { client } from "./server.ts";

/** What this person has said and the server has not stored yet. It survives a reload, and all tabs share it. */
let outbox: Outbox | undefined;

/** Counts the outbox's changes, so that whoever shows it is drawn again. */
const changes = signal(0);

export function sayContent(conversationId: string, content: Content): void {
  outbox?.add(conversationId, content);
}

export function pendingIn(conversationId: string): OutboxItem[] {
  return changes.value >= 0 && outbox ? outbox.items(conversationId) : [];
}

export function retrySend(clientId: string): void {
  outbox?.retry(clientId);
}

export function discardSend(clientId: string): void {
  outbox?.discard(clientId);
}

export function openOutgoing(userId: string): void {
  outbox?.close();
  const mine = outbox = openOutbox(client, {
    userId,
    // Without one, or where a browser forbids it, what is unsent lives as long as the page.
    ...(typeof indexedDB !== "undefined" && { store: new IndexedDbOutboxStore(userId) }),
    onStoreError: () => {},
  });
  mine.on("change", () => changes.value++);
  mine.on("sent", ({ item: { clientId, conversationId, content }, ack: { seq, messageNo, at } }) => {
    const senderId = me.peek()?.id ?? "";
    const entry: Entry = { seq, kind: "message", senderId, at, messageNo, clientId, content };
    // The ack is as good as the push, and mostly earlier.
    if (chat.peek()?.id === conversationId) chat.peek()?.push([entry]);
    applyEntries(conversationId, [entry]);
    changes.value++;
  });
  changes.value++;
}

/** The person leaves: with `wipe` their unsent words are gone, else they wait for their return. */
export function closeOutgoing({ wipe }: { wipe: boolean }): void {
  const mine = outbox;
  outbox = undefined;
  changes.value++;
  if (!mine) return;
  if (wipe) void mine.clear().then(() => mine.close());
  else mine.close();
}
