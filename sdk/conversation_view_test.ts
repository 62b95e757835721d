import assert from "node:assert/strict";
import fc from "fast-check";
import { ImError } from "../wire/errors.ts";
import type { Entry } from "../wire/schemas.ts";
import { ConversationView, type ConversationViewOptions } from "./conversation_view.ts";
import { Outbox } from "./outbox.ts";
import { type Doing, LogModel } from "./testdata/log_model.ts";
import type { ViewMessage } from "./view_message.ts";

const ME = "1";
const quick = { graceMs: 0, backoff: { baseMs: 1, capMs: 2 }, userId: () => ME, conversationId: "7" };
const tick = () => new Promise((resolve) => setTimeout(resolve, 0));

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    assert(i < 1000, "it never came");
    await tick();
  }
}

/** The view's messages as the model tells them: it does not know who reacted before. */
const told = (messages: readonly ViewMessage[]) =>
  messages.map((message) => ({
    ...message,
    reactions: message.reactions.map(({ userIds: _, ...counted }) => counted),
  }));

const doing: fc.Arbitrary<Doing> = fc.record({
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constant("message" as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        "message.edited" as const,
        "message.recalled" as const,
        "message.pinned" as const,
        "message.unpinned" as const,
        "reaction.added" as const,
        "reaction.removed" as const,
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom("member.added" as const, "poll.closed" as const) },
  ),
  who: fc.constantFrom("1", "2", "3"),
  /** Which of the messages there are, counted from the end. */
  which: fc.nat({ max: 20 }),
  emoji: fc.constantFrom("👍", "🎉"),
});

/** What happens, as fast-check invents it: pushes in any order, again, or never; pages in between; failures. */
const step = fc.oneof(
  fc.record({ do: fc.constant("append" as const), doings: fc.array(doing, { minLength: 1, maxLength: 6 }) }),
  fc.record({ do: fc.constant("push" as const), seqs: fc.array(fc.nat({ max: 90 }), { maxLength: 8 }) }),
  fc.record({ do: fc.constantFrom("older" as const, "sync" as const, "tick" as const) }),
);

/** The window is moved too. */
const move = fc.oneof(
  { weight: 3, arbitrary: step },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("newer" as const, "newest" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("jump" as const), seq: fc.nat({ max: 150 }) }) },
);

const story = fc.record({
  before: fc.array(doing, { maxLength: 40 }),
  steps: fc.array(step, { maxLength: 25 }),
  page: fc.integer({ min: 1, max: 6 }),
  maxCatchUp: fc.constantFrom(5, 2000),
  /** How long the server thinks, and how long its answer takes, in turns. */
  delays: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 12 }),
  failures: fc.array(fc.boolean(), { maxLength: 8 }),
});

Deno.test("ConversationView: whatever comes whichever way, the messages are those of the whole log folded", async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ before, steps, page, maxCatchUp, delays, failures }) => {
      const model = new LogModel(ME);
      before.forEach((one) => model.do(one));
      let turn = 0;
      const wait = async () => {
        for (let n = delays[turn++ % delays.length]; n > 0; n--) await tick();
      };
      const answer = async <T>(compute: () => T): Promise<T> => {
        const fails = failures.pop();
        await wait();
        const result = structuredClone(compute());
        await wait();
        if (fails) throw new ImError("unavailable");
        return result;
      };
      const news: number[] = [];
      const view = new ConversationView({
        ...quick,
        maxCatchUp,
        source: {
          head: () => answer(() => ({ firstSeq: 1, lastSeq: model.log.length })),
          history: (before) => answer(() => model.history(before, page)),
          read: (after) => answer(() => model.read(after, page)),
        },
      });
      view.on("message", ({ seq }) => news.push(seq));
      try {
        view.load().catch(() => {});
        for (const one of steps) {
          if (one.do === "append") one.doings.forEach((doing) => model.do(doing));
          if (one.do === "push") view.push(one.seqs.flatMap((seq) => model.log[seq] ?? []));
          if (one.do === "older") view.loadOlder().catch(() => {});
          if (one.do === "sync") view.sync();
          await tick();
        }
        view.sync();
        await until(() => view.state === "ready" && view.lastSeq === model.log.length);
        while (view.hasOlder) await view.loadOlder().catch(() => {});
        assert.deepEqual(told(view.messages), model.messages());
        assert.deepEqual(news, [...new Set(news)].sort((a, b) => a - b));
      } finally {
        view.close();
      }
    }),
    { numRuns: 100 },
  );
});

Deno.test("ConversationView: wherever its window is moved, and whatever comes meanwhile, it has no hole and what is in it is as it is now", async () => {
  const tale = fc.record({
    before: fc.array(doing, { maxLength: 260 }),
    steps: fc.array(move, { maxLength: 40 }),
    maxMessages: fc.integer({ min: 50, max: 80 }),
    delays: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 12 }),
    failures: fc.array(fc.boolean(), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(tale, async ({ before, steps, maxMessages, delays, failures }) => {
      const model = new LogModel(ME);
      before.forEach((one) => model.do(one));
      let turn = 0;
      const wait = async () => {
        for (let n = delays[turn++ % delays.length]; n > 0; n--) await tick();
      };
      const answer = async <T>(compute: () => T): Promise<T> => {
        const fails = failures.pop();
        await wait();
        const result = structuredClone(compute());
        await wait();
        if (fails) throw new ImError("unavailable");
        return result;
      };
      const view = new ConversationView({
        ...quick,
        maxMessages,
        source: {
          head: () => answer(() => ({ firstSeq: 1, lastSeq: model.log.length })),
          history: (before, _signal, limit = 5) => answer(() => model.history(before, limit)),
          read: (after, _signal, limit = 20) => answer(() => model.read(after, limit)),
        },
      });
      /** The part of all messages that lies between the first and the last that is shown. */
      const part = () => {
        const { messages } = view;
        const [first, last] = [messages[0]?.seq ?? 0, messages.at(-1)?.seq ?? 0];
        return model.messages().filter(({ seq }) => seq >= first && seq <= last);
      };
      const seqs = (messages: readonly { seq: number }[]) => messages.map(({ seq }) => seq);
      view.on("change", () => assert.deepEqual(seqs(view.messages), seqs(part())));
      try {
        await until(() => (view.load().catch(() => {}), view.state === "ready"));
        for (const one of steps) {
          if (one.do === "append") one.doings.forEach((doing) => model.do(doing));
          if (one.do === "push") view.push(one.seqs.flatMap((seq) => model.log[seq] ?? []));
          if (one.do === "older") view.loadOlder().catch(() => {});
          if (one.do === "newer") view.loadNewer().catch(() => {});
          if (one.do === "newest") view.toNewest().catch(() => {});
          if (one.do === "jump") view.jump(one.seq).catch(() => {});
          if (one.do === "sync") view.sync();
          await tick();
        }
        view.sync();
        await until(() => view.state === "ready" && view.lastSeq === model.log.length);
        // Whatever was asked for has come by then.
        await view.jump(1).catch(() => {});
        await view.jump(1);
        assert.deepEqual(told(view.messages), part());
        assert.equal(view.messages[0]?.seq, model.messages()[0]?.seq);
        const forwards = new Set(seqs(view.messages));
        while (view.hasNewer) {
          await view.loadNewer().catch(() => {});
          assert.deepEqual(told(view.messages), part());
          seqs(view.messages).forEach((seq) => forwards.add(seq));
        }
        assert.deepEqual([...forwards], seqs(model.messages()), "all came by, in order");
        assert.ok(view.messages.length <= Math.max(maxMessages, 50));
        await view.toNewest();
        assert.equal(view.messages.at(-1)?.seq, model.messages().at(-1)?.seq);
      } finally {
        view.close();
      }
    }),
    { numRuns: 100 },
  );
});

Deno.test("ConversationView: a window that is elsewhere is told of news, and not shown them until it is back", async () => {
  const model = new LogModel(ME);
  const say = () => model.do({ what: "message", who: "2", which: 0, emoji: "👍" });
  for (let i = 0; i < 400; i++) say();
  const view = new ConversationView({
    ...quick,
    source: {
      head: () => Promise.resolve({ firstSeq: 1, lastSeq: model.log.length }),
      history: (before, _signal, limit = 50) => Promise.resolve(model.history(before, limit)),
      read: (after, _signal, limit = 200) => Promise.resolve(model.read(after, limit)),
    },
  });
  const news: number[] = [];
  view.on("message", ({ seq }) => news.push(seq));
  await view.load();
  await view.jump(100);
  assert.ok(view.messages.some(({ seq }) => seq === 100) && view.hasNewer && view.hasOlder);
  say();
  view.push(model.log.slice(-1));
  assert.deepEqual([news, view.messages.some(({ seq }) => seq === 401)], [[401], false]);
  await view.toNewest();
  assert.deepEqual([view.messages.at(-1)?.seq, view.hasNewer], [401, false]);
  // In the model the time of an entry is its seq, or grows with it.
  const at = model.log[249].at;
  const seq = await view.seqAt(at);
  assert.equal(model.log[seq - 1].at, at);
  assert.ok(seq === 1 || model.log[seq - 2].at < at);
  assert.equal(await view.seqAt(model.log[400].at + 1), 402);
  assert.equal(await view.seqAt(0), 1);
  view.close();
});

const message = (seq: number, senderId = "2", more: Partial<Entry> = {}): Entry => ({
  seq,
  kind: "message",
  senderId,
  at: seq,
  messageNo: seq,
  content: { type: "text", text: `message ${seq}` },
  ...more,
});
const react = (seq: number, kind: "reaction.added" | "reaction.removed", senderId: string): Entry =>
  message(seq, senderId, { kind, content: { target: 1, emoji: "👍" } });

/** A view of a conversation in which nothing has happened, and which only hears what it is told. */
async function emptyView(options: Partial<ConversationViewOptions> = {}): Promise<ConversationView> {
  const view = new ConversationView({
    ...quick,
    source: {
      head: () => Promise.resolve({ firstSeq: 1, lastSeq: 0 }),
      history: () => Promise.resolve({ messages: [], nextBefore: null }),
      read: () => Promise.reject(new ImError("unavailable")),
    },
    ...options,
  });
  await view.load();
  return view;
}

Deno.test("ConversationView: a reaction counts once for each person, and names who", async () => {
  const view = await emptyView();
  view.push([message(1)]);
  view.push([react(2, "reaction.added", "2"), react(3, "reaction.added", "2")]);
  view.push([react(4, "reaction.removed", "3"), react(5, "reaction.added", ME)]);
  assert.deepEqual(view.messages[0].reactions, [{ emoji: "👍", count: 2, mine: true, userIds: ["2", "1"] }]);
  view.push([react(6, "reaction.removed", ME), react(7, "reaction.removed", ME)]);
  assert.deepEqual(view.messages[0].reactions, [{ emoji: "👍", count: 1, mine: false, userIds: ["2"] }]);
  view.push([react(8, "reaction.removed", "2")]);
  assert.deepEqual(view.messages[0].reactions, []);
  view.close();
});

Deno.test("ConversationView: what one wrote is always in exactly one place, and in its turn", async () => {
  const acks: ((seq: number) => void)[] = [];
  const outbox = new Outbox({
    send: () => new Promise((resolve) => acks.push((seq) => resolve({ seq, messageNo: seq, at: seq }))),
  });
  const read = Promise.withResolvers<void>();
  const view = await emptyView({
    outbox,
    source: {
      head: () => Promise.resolve({ firstSeq: 1, lastSeq: 0 }),
      history: () => Promise.resolve({ messages: [], nextBefore: null }),
      read: () => read.promise.then(() => ({ entries: [message(1)], lastSeq: 2 })),
    },
  });
  const seen: string[] = [];
  const look = () => [
    ...view.messages.map(({ content }) => String(content.text)),
    ...view.pending.map(({ content }) => content.type === "text" ? `(${content.text})` : ""),
  ];
  view.on("change", () => seen.push(look().join(" ")));
  outbox.add("7", { type: "text", text: "mine" });
  outbox.add("8", { type: "text", text: "elsewhere" });
  await until(() => acks.length === 2);
  // Somebody else was faster: their message is the first, and is not here yet.
  acks[0](2);
  await until(() => outbox.items("7").length === 0);
  assert.deepEqual(look(), ["(mine)"]);
  read.resolve();
  await until(() => view.lastSeq === 2);
  assert.deepEqual(look(), ["message 1", "mine"]);
  assert.deepEqual(seen.filter((line) => !line.includes("mine")), []);

  // The push may come before the ack.
  const { clientId } = outbox.add("7", { type: "text", text: "again" });
  view.push([message(3, ME, { clientId, content: { type: "text", text: "again" } })]);
  assert.deepEqual(look(), ["message 1", "mine", "again"]);
  outbox.close();
  view.close();
});

Deno.test("ConversationView: news and events come once, pages of history are none", async () => {
  const news: number[] = [];
  const view = new ConversationView({
    ...quick,
    source: {
      head: () => Promise.resolve({ firstSeq: 1, lastSeq: 2 }),
      history: (before) =>
        Promise.resolve(
          before ? { messages: [message(1)], nextBefore: null } : { messages: [message(2)], nextBefore: 2 },
        ),
      read: (after) => Promise.resolve({ entries: [], lastSeq: after }),
    },
  });
  view.on("message", ({ seq }) => news.push(seq));
  view.on("event", ({ seq }) => news.push(-seq));
  await view.load();
  await view.loadOlder();
  view.push([message(3), message(4, "2", { kind: "member.left", content: { memberId: "2" } }), message(3)]);
  assert.deepEqual([news, view.messages.map(({ seq }) => seq)], [[3, -4], [1, 2, 3]]);
  assert.equal(view.hasOlder, false);
  view.close();
});

/** A server whose answers come when the test says so, as they were when it was asked. */
function slowServer(model: LogModel) {
  const answers: (() => void)[] = [];
  const later = <T>(now: T) => new Promise<T>((resolve) => answers.push(() => resolve(structuredClone(now))));
  return {
    source: {
      head: () => later({ firstSeq: 1, lastSeq: model.log.length }),
      history: (before?: number) => later(model.history(before, 2)),
      read: (after: number) => later(model.read(after, 10)),
    },
    /** The one that waits longest, or the last one. */
    async answer(which: 0 | -1 = 0): Promise<void> {
      await until(() => answers.length > 0);
      answers.splice(which, 1)[0]();
      await tick();
    },
  };
}

const say = (model: LogModel, count: number) => {
  for (let n = 0; n < count; n++) model.do({ what: "message", who: "2", which: 0, emoji: "" });
};

Deno.test("ConversationView: a change that is here before the page it belongs to is not lost", async () => {
  const model = new LogModel(ME);
  say(model, 3);
  const { source, answer } = slowServer(model);
  const view = new ConversationView({ ...quick, source });
  void view.load();
  await answer();
  await answer();
  const older = view.loadOlder();
  await tick();
  model.do({ what: "message.edited", who: "2", which: 2, emoji: "" });
  view.push(model.log.slice(3));
  assert.deepEqual([view.lastSeq, view.messages.length], [4, 2]);
  await answer();
  await older;
  assert.deepEqual(told(view.messages), model.messages());
  view.close();
});

Deno.test("ConversationView: what one deleted for oneself stays so, in pages asked for before and whatever becomes of it", async () => {
  const model = new LogModel(ME);
  say(model, 3);
  const { source, answer } = slowServer(model);
  const view = new ConversationView({ ...quick, source });
  void view.load();
  await answer();
  await answer();
  const older = view.loadOlder();
  await tick();
  view.hide([1, 3]);
  model.do({ what: "message.edited", who: "2", which: 0, emoji: "" });
  view.push(model.log.slice(3));
  await answer();
  await older;
  assert.deepEqual(view.messages.map(({ content }) => content.type), ["hidden", "text", "hidden"]);
  view.close();
});

Deno.test("ConversationView: after missing much it starts again at the newest page, and an old page is let go", async () => {
  const model = new LogModel(ME);
  say(model, 4);
  const { source, answer } = slowServer(model);
  const view = new ConversationView({ ...quick, source, maxCatchUp: 5 });
  void view.load();
  await answer();
  await answer();
  const older = view.loadOlder();
  await tick();
  say(model, 6);
  view.sync();
  const seqs = () => view.messages.map(({ seq }) => seq);
  // The log, and then a new head and page. The old page, of a view that is no more, comes last.
  for (const which of [-1, -1, -1, 0] as const) await answer(which);
  await older;
  assert.deepEqual([view.state, seqs()], ["ready", [9, 10]]);
  await Promise.all([view.loadOlder(), answer()]);
  assert.deepEqual(seqs(), [7, 8, 9, 10]);
  view.close();
});

Deno.test("ConversationView: what was pushed while the first page came is asked for", async () => {
  const model = new LogModel(ME);
  say(model, 2);
  const { source, answer } = slowServer(model);
  const view = new ConversationView({ ...quick, source });
  void view.load();
  await answer();
  say(model, 1);
  view.push(model.log.slice(2));
  await answer();
  assert.deepEqual(view.messages.length, 2);
  await answer();
  assert.deepEqual(told(view.messages), model.messages());
  view.close();
});

Deno.test("ConversationView: a refusal is its state, an abort ends the waiting, and closing ends all", async () => {
  const refused = new ConversationView({
    ...quick,
    source: {
      head: () => Promise.reject(new ImError("conversation_not_found")),
      history: () => assert.fail(),
      read: () => assert.fail(),
    },
  });
  await assert.rejects(refused.load(), { code: "conversation_not_found" });
  assert.equal((refused.state as ImError).code, "conversation_not_found");
  refused.close();

  let asked: AbortSignal | undefined;
  const slow = new ConversationView({
    ...quick,
    source: {
      head: (
        signal,
      ) => (asked = signal, new Promise((_, reject) => signal.onabort = () => reject(signal.reason))),
      history: () => assert.fail(),
      read: () => assert.fail(),
    },
  });
  await assert.rejects(slow.load(AbortSignal.abort(new Error("never mind"))), /never mind/);
  assert.equal(asked?.aborted, false);
  slow.close();
  assert.equal(asked?.aborted, true);
});
