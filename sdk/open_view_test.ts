import assert from "node:assert/strict";
import type { InboxEntry } from "../wire/schemas.ts";
import type { Client } from "./client.ts";
import { MemoryCacheStore } from "./cache_store.ts";
import { ClientCache } from "./client_cache.ts";
import { openView } from "./open_view.ts";

const tick = () => new Promise((resolve) => setTimeout(resolve, 0));

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    assert(i < 2000, "it never came");
    await tick();
  }
}

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

Deno.test("view: what the cache shows while a connection comes is asked for anew as soon as there is one", async () => {
  const { client, server, tell } = fakeClient(["old"]);
  const state = { state: "online" };
  Object.assign(client, { state });
  const cache = new ClientCache(new MemoryCacheStore());
  const first = openView(client, { conversationId: "7", cache });
  await first.load();
  first.close();

  state.state = "connecting";
  server.firstSeq = 2;
  const second = openView(client, { conversationId: "7", cache });
  const texts = () => second.messages.map(({ seq }) => seq);
  await second.load();
  assert.deepEqual(texts(), [1], "as it was");
  state.state = "online";
  // Anything that changes will do; so does the client's own word of a connection.
  tell({ kind: "message.hidden", content: { conversationId: "7", seqs: [1] } });
  await until(() => texts().length === 0);

  // A connection that is there before the cache has answered.
  state.state = "connecting";
  const third = openView(client, { conversationId: "7", cache });
  state.state = "online";
  await until(() => third.state === "ready" && third.messages.length === 0);
  for (const view of [second, third]) view.close();
});
