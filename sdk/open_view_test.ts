import assert from "node:assert/strict";
import type { InboxEntry } from "../wire/schemas.ts";
import type { Client } from "./client.ts";
import { openView } from "./open_view.ts";

const tick = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A server with one conversation, of which a member sees what came since they joined. */
function fakeClient(texts: string[]) {
  const handlers = new Map<string, (payload: never) => void>();
  const server = { firstSeq: 1 };
  const message = (text: string, index: number) => ({
    seq: index + 1,
    kind: "message",
    senderId: "2",
    at: 0,
    messageNo: index + 1,
    content: { type: "text", text },
  });
  const visible = () => texts.map(message).filter(({ seq }) => seq >= server.firstSeq);
  const client = {
    userId: "1",
    on: (event: string, handler: (payload: never) => void) => {
      handlers.set(event, handler);
      return () => {};
    },
    call: (name: string) =>
      Promise.resolve(
        name === "message.history"
          ? { messages: visible(), nextBefore: null }
          : { ...server, lastSeq: texts.length, entries: visible() },
      ),
  };
  const tell = (entry: Partial<InboxEntry>) => handlers.get("inbox")!(entry as never);
  return { client: client as unknown as Client, server, tell };
}

Deno.test("view: who was out for a moment and is back sees what came since, though nothing was missed", async () => {
  const { client, server, tell } = fakeClient(["before", "since"]);
  const view = openView(client, { conversationId: "7" });
  await view.load();
  assert.deepEqual(view.messages.map(({ seq }) => seq), [1, 2]);
  server.firstSeq = 2;
  tell({ kind: "conversation.joined", content: { conversationId: "7", type: "group", seq: 2 } });
  await tick();
  assert.deepEqual(view.messages.map(({ seq }) => seq), [2]);
  view.close();
});

Deno.test("view: the entry of the joining that it was opened for does not start it again", async () => {
  const { client, server, tell } = fakeClient(["joined", "said"]);
  server.firstSeq = 1;
  const view = openView(client, { conversationId: "7" });
  await view.load();
  const before = view.messages;
  tell({ kind: "conversation.joined", content: { conversationId: "7", type: "group", seq: 1 } });
  await tick();
  assert.equal(view.messages, before);
  view.close();
});
