import assert from "node:assert/strict";
import fc from "fast-check";
import type { Content } from "../wire/content.ts";
import { ImError } from "../wire/errors.ts";
import { Outbox, type OutboxOptions } from "./outbox.ts";
import type { OutboxItem } from "./outbox_item.ts";
import { SharedStore } from "./testdata/shared_store.ts";

/** Outboxes over a store that outlives them, in several tabs at once. */

const text = (text: string) => ({ type: "text" as const, text });
const textOf = (content: Content) => content.type === "text" ? content.text : "";
const quick = { backoff: { baseMs: 1, capMs: 2 }, graceMs: 5 };

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    assert(i < 2000, "it never came");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

type Outcome = "ok" | "lost ack" | "lost request" | "overloaded";

/** A server that stores each clientId once (P3), and whose answers are as the test wants. */
class FakeServer {
  readonly logs = new Map<string, string[]>();
  readonly requests: string[] = [];
  readonly #seqs = new Map<string, number>();
  outcomes: Outcome[] = [];
  online = true;

  send: OutboxOptions["send"] = async ({ conversationId, clientId, content }) => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    const outcome = this.online ? this.outcomes.shift() ?? "ok" : "lost request";
    if (outcome === "overloaded") throw new ImError("overloaded", undefined, { retryAfterMs: 2 });
    if (outcome === "lost request") throw new ImError("unavailable");
    this.requests.push(clientId);
    const log = this.logs.get(conversationId) ?? [];
    this.logs.set(conversationId, log);
    if (!this.#seqs.has(clientId)) this.#seqs.set(clientId, log.push(textOf(content)));
    if (outcome === "lost ack") throw new ImError("unavailable");
    const seq = this.#seqs.get(clientId)!;
    return { seq, messageNo: seq, at: 0 };
  };

  outbox(store: SharedStore, more: Partial<OutboxOptions> = {}): Outbox {
    return new Outbox({ ...quick, send: this.send, store: store.open(), ...more });
  }
}

const tab = fc.nat({ max: 1 });
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("say" as const), tab, to: fc.constantFrom("1", "2") }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("reload" as const, "pause" as const), tab }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("go offline" as const, "go online" as const), tab }),
  },
);
const story = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 30 }),
  outcomes: fc.array(fc.constantFrom<Outcome>("ok", "lost ack", "lost request", "overloaded"), {
    maxLength: 20,
  }),
});

Deno.test("Outbox: through reloads, outages and two tabs each message is stored once, a tab's in its order", async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ steps, outcomes }) => {
      const server = new FakeServer();
      server.outcomes = [...outcomes];
      const store = new SharedStore();
      const tabs = [server.outbox(store), server.outbox(store)];
      const said = { "1": [[], []] as string[][], "2": [[], []] as string[][] };
      try {
        for (const [n, one] of steps.entries()) {
          if (one.do === "say") {
            tabs[one.tab].add(one.to, text(`${n}`));
            said[one.to as "1" | "2"][one.tab].push(`${n}`);
          } else if (one.do === "reload") {
            // Only what the store has can survive; what it does not have is known, so nobody is surprised.
            await tabs[one.tab].saved();
            tabs[one.tab].close();
            tabs[one.tab] = server.outbox(store);
          } else if (one.do === "pause") await new Promise((resolve) => setTimeout(resolve, 2));
          else server.online = one.do === "go online";
        }
        server.online = true;
        for (const tab of tabs) tab.resume();
        await Promise.all(tabs.map((tab) => tab.drained()));
        await Promise.all(tabs.map((tab) => tab.saved()));
        for (const to of ["1", "2"] as const) {
          const log = server.logs.get(to) ?? [];
          assert.deepEqual(log.toSorted(), said[to].flat().toSorted());
          for (const mine of said[to]) assert.deepEqual(log.filter((one) => mine.includes(one)), mine);
        }
        await until(() => store.items.size === 0);
      } finally {
        for (const tab of tabs) tab.close();
      }
    }),
    { numRuns: 100 },
  );
});

Deno.test("Outbox: what waits is there after a reload, in order, before what is written while it loads", async () => {
  const server = new FakeServer();
  server.online = false;
  const store = new SharedStore();
  const before = server.outbox(store);
  const ids = ["one", "two"].map((word) => before.add("1", text(word)).clientId);
  await before.saved();
  before.close();

  const after = server.outbox(store);
  ids.push(after.add("1", text("three")).clientId);
  await until(() => after.items("1").length === 3);
  assert.deepEqual(after.items("1").map(({ clientId }) => clientId), ids);
  await after.saved();
  after.close();

  server.online = true;
  const last = server.outbox(store);
  await last.drained();
  assert.deepEqual(server.logs.get("1"), ["one", "two", "three"]);
  assert.deepEqual(server.requests, ids);
  last.close();
});

Deno.test("Outbox: another tab shows what one tab writes, leaves the sending to it, and lets go with its ack", async () => {
  const server = new FakeServer();
  const store = new SharedStore();
  const sent: OutboxItem[] = [];
  const writer = server.outbox(store, { graceMs: 60_000 });
  const reader = server.outbox(store, { graceMs: 60_000, onSent: (item) => sent.push(item) });
  await reader.saved();
  server.online = false;
  const { clientId } = writer.add("1", text("hello"));
  await until(() => reader.items("1").length === 1);
  server.online = true;
  await until(() => reader.items("1").length === 0);
  assert.deepEqual([server.requests, sent.map((item) => item.clientId)], [[clientId], [clientId]]);

  // What is written here waits for nobody, and what the other tab wrote before goes first.
  server.online = false;
  writer.add("1", text("theirs"));
  await until(() => reader.items("1").length === 1);
  writer.close();
  server.online = true;
  reader.add("1", text("mine"));
  await reader.drained();
  assert.deepEqual(server.logs.get("1"), ["hello", "theirs", "mine"]);
  reader.close();
});

Deno.test("Outbox: what a closed tab left behind is sent by another after a while", async () => {
  const server = new FakeServer();
  const store = new SharedStore();
  server.online = false;
  const [writer, reader] = [server.outbox(store), server.outbox(store)];
  await reader.saved();
  writer.add("1", text("hello"));
  await until(() => reader.items("1").length === 1);
  writer.close();
  server.online = true;
  await reader.drained();
  assert.deepEqual(server.logs.get("1"), ["hello"]);
  reader.close();
});

Deno.test("Outbox: a refusal survives a reload; retry and discard reach the other tab", async () => {
  let refuses = true;
  const store = new SharedStore();
  const send: OutboxOptions["send"] = ({ content }) =>
    refuses && textOf(content) !== "fine"
      ? Promise.reject(new ImError("blocked", "Not to me"))
      : Promise.resolve({ seq: 1, messageNo: 1, at: 0 });
  const open = () => new Outbox({ ...quick, send, store: store.open() });
  const first = open();
  const [one] = [first.add("1", text("one")), first.add("1", text("two"))];
  await first.drained();
  await first.saved();
  first.close();

  const [left, right] = [open(), open()];
  await until(() => right.items("1").length === 2);
  assert.deepEqual(
    left.items("1").map(({ state, error }) => [state, error?.code, error?.message]),
    [["failed", "blocked", "Not to me"], ["failed", "blocked", "Not to me"]],
  );
  left.discard(left.items("1")[1].clientId);
  await until(() => right.items("1").length === 1);
  refuses = false;
  left.retry(one.clientId);
  await until(() => right.items("1").length === 0 && store.items.size === 0);
  left.close();
  right.close();
});

Deno.test("Outbox: a store that fails is told of, and the outbox goes on in memory", async () => {
  const errors: unknown[] = [];
  const broken = () => Promise.reject(new Error("quota"));
  const server = new FakeServer();
  const outbox = new Outbox({
    ...quick,
    send: server.send,
    store: { load: broken, put: broken, remove: broken },
    onStoreError: (error) => errors.push(error),
  });
  outbox.add("1", text("hello"));
  await outbox.drained();
  await outbox.saved();
  assert.deepEqual([server.logs.get("1"), errors.map(String)], [["hello"], Array(3).fill("Error: quota")]);
  outbox.close();
});

Deno.test("Outbox: waiting can be cancelled, clear leaves nothing, and a closed outbox sends nothing", async () => {
  const server = new FakeServer();
  server.online = false;
  const store = new SharedStore();
  const outbox = server.outbox(store);
  outbox.add("1", text("hello"));
  const abort = new AbortController();
  const waiting = outbox.drained(abort.signal);
  abort.abort(new Error("never mind"));
  await assert.rejects(waiting, /never mind/);
  await outbox.clear();
  assert.deepEqual([outbox.items("1"), store.items.size], [[], 0]);

  outbox.add("1", text("still here"));
  await outbox.saved();
  const closed = outbox.drained();
  outbox.close();
  await assert.rejects(closed, { code: "unavailable" });
  server.online = true;
  outbox.resume();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual([server.requests, store.items.size], [[], 1]);
});
