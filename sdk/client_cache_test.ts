import assert from "node:assert/strict";
import type { Entry } from "../wire/schemas.ts";
import { CachedSource } from "./cached_source.ts";
import { MemoryCacheStore } from "./cache_store.ts";
import { ClientCache, type KeptView } from "./client_cache.ts";
import { ConversationView, type ViewSource } from "./conversation_view.ts";
import { ImError } from "../wire/errors.ts";
import type { ViewMessage } from "./view_message.ts";

const message = (seq: number, text = `m${seq}`): ViewMessage => ({
  seq,
  senderId: "1",
  at: seq,
  content: { type: "text", text },
  edits: 0,
  reactions: [],
});
const viewOf = (count: number, text?: string): KeptView => ({
  firstSeq: 1,
  lastSeq: count,
  messages: Array.from({ length: count }, (_, index) => message(index + 1, text)),
  nextBefore: null,
});

Deno.test("cache: items and conversations come back; another epoch or another schema voids them", async () => {
  const store = new MemoryCacheStore();
  const first = new ClientCache(store);
  assert.equal(await first.useEpoch(7), false, "nothing was kept");
  await first.put("me", { id: "1" });
  await first.putView("9", viewOf(3));

  const second = new ClientCache(store);
  assert.deepEqual(await second.get("me"), { id: "1" });
  assert.deepEqual(await second.view("9"), viewOf(3));
  assert.equal(await second.useEpoch(7), false);
  assert.deepEqual(await second.get("me"), { id: "1" });
  assert.equal(await second.useEpoch(8), true);
  assert.deepEqual([await second.get("me"), await second.view("9")], [undefined, undefined]);
  assert.equal(await second.useEpoch(8), false, "told once");

  await second.put("me", { id: "1" });
  await store.write({ key: "meta", at: 0, value: { schema: 0, epoch: 8 } });
  const later = new ClientCache(store);
  assert.equal(await later.get("me"), undefined);
});

Deno.test("cache: of a conversation the newest messages stay, of conversations those kept last", async () => {
  const store = new MemoryCacheStore();
  let now = 0;
  const cache = new ClientCache(store, () => now++);
  await cache.putView("1", viewOf(130));
  const kept = await cache.view("1");
  assert.deepEqual(
    [kept?.messages.length, kept?.messages[0].seq, kept?.nextBefore, kept?.lastSeq],
    [100, 31, 31, 130],
  );
  await cache.putView("2", viewOf(20, "x".repeat(60_000)));
  assert.equal((await cache.view("2"))?.messages.length, 4);
  for (let id = 3; id <= 70; id++) await cache.putView(String(id), viewOf(1));
  await cache.put("me", {});
  const views = (await store.readAll()).filter(({ key }) => key.startsWith("view:"));
  assert.equal(views.length, 50);
  assert.equal(await cache.view("20"), undefined);
  assert.equal((await cache.view("70"))?.lastSeq, 1);
});

Deno.test("cache: after a logout nothing is there and nothing comes; a broken store is an empty one", async () => {
  const store = new MemoryCacheStore();
  const cache = new ClientCache(store);
  await cache.put("me", { id: "1" });
  const late = cache.put("people", []);
  await Promise.all([cache.destroy(), late]);
  await cache.putView("1", viewOf(1));
  assert.deepEqual(await store.readAll(), []);

  const broken = new ClientCache(
    new Proxy(store, { get: () => () => Promise.reject(new Error("no disk")) }),
  );
  await broken.put("me", {});
  assert.equal(await broken.get("me"), undefined);
  assert.equal(await broken.useEpoch(1), false);
});

/** A server with one conversation, which may be out of reach. */
function server() {
  const texts = ["a", "b"];
  const state = { online: true, texts };
  const entries = () =>
    texts.map((text, index): Entry => ({
      seq: index + 1,
      kind: "message",
      senderId: "2",
      at: 0,
      messageNo: index + 1,
      content: { type: "text", text },
    }));
  const answer = <T>(value: () => T): Promise<T> =>
    state.online ? Promise.resolve(value()) : Promise.reject(new ImError("unavailable"));
  const source: ViewSource = {
    head: () => answer(() => ({ firstSeq: 1, lastSeq: texts.length })),
    history: () => answer(() => ({ messages: entries(), nextBefore: null })),
    read: (after) => answer(() => ({ entries: entries().slice(after), lastSeq: texts.length })),
  };
  return { ...state, state, source };
}

Deno.test("cache: without a connection a view shows what it showed last, and what is there after a restart", async () => {
  const { state, source } = server();
  const cache = new ClientCache(new MemoryCacheStore());
  const isOnline = () => state.online;
  const open = () => {
    const cached = new CachedSource(source, { cache, conversationId: "5", isOnline });
    const view = new ConversationView({ conversationId: "5", source: cached, userId: () => "1" });
    view.on("change", () => cached.keep(view));
    return { cached, view, texts: () => view.messages.map(({ content }) => content.text) };
  };
  const first = open();
  await first.view.load();
  first.cached.flush();
  first.view.close();

  state.online = false;
  const second = open();
  await second.view.load();
  assert.deepEqual([second.texts(), second.view.state, second.cached.stale], [["a", "b"], "ready", true]);
  second.cached.keep(second.view);
  second.cached.flush();

  state.texts.push("c");
  state.online = true;
  second.view.restart();
  await second.view.load();
  assert.deepEqual([second.texts(), second.cached.stale], [["a", "b", "c"], false]);
  second.view.close();
  second.cached.flush();

  state.online = false;
  const third = open();
  await third.view.load();
  assert.deepEqual(third.texts(), ["a", "b", "c"]);
  third.view.close();
  const other = new CachedSource(source, { cache, conversationId: "6", isOnline });
  await assert.rejects(other.head(new AbortController().signal), { code: "unavailable" });
});
