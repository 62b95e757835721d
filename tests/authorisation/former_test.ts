import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Input, type Operation, type OperationName, operations } from "../../wire/operations.ts";
import { register } from "../support/people.ts";
import { ask, doorsOf } from "./ask.ts";
import { type Case, casesOf } from "./row.ts";
import { rows } from "./rows.ts";
import { type Actor, openScene, type Scene } from "./scene.ts";

/**
 * Somebody was in a group for a while. Whatever happened before, meanwhile and since: whichever way they read, they see
 * the log from their joining to their leaving, all of it and nothing more.
 */

let scene: Scene;

Deno.test.beforeAll(async () => {
  scene = await openScene();
});

Deno.test.afterAll(async () => await scene?.[Symbol.asyncDispose]());

type Step = { what: "say" | "edit" | "react" | "recall" | "pin"; which: number };
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom("say", "say", "say", "edit", "edit", "react", "recall", "pin"),
  which: fc.nat(20),
});
const steps = fc.array(step, { maxLength: 12 });

/** What the group's log is, and which words were said where. */
interface Story {
  id: string;
  first: number;
  left: number;
  last: number;
  messages: number[];
  /** Each entry that has words, with words that stand nowhere else. */
  words: Map<number, string>;
}

let spoken = 0;

/** Plays what happened before the actor came, while they were in, and after they had left. */
async function play(actor: Actor, [before, during, after]: Step[][]): Promise<Story> {
  const { call, owner } = scene;
  const { id: conversationId } = await call(owner, "group.create", { title: "g", memberIds: [] });
  const messages: number[] = [];
  const words = new Map<number, string>();
  const say = () => ({ type: "text", text: `words-${++spoken}-` }) as const;

  async function take({ what, which }: Step): Promise<void> {
    const content = say();
    if (what === "say" || messages.length === 0) {
      const sent = { conversationId, clientId: `f${spoken}`, content };
      const { seq } = await call(owner, "message.send", sent);
      messages.push(seq);
      words.set(seq, content.text);
      return;
    }
    const place = { conversationId, seq: messages[which % messages.length] };
    const change = what === "edit"
      ? call(owner, "message.edit", { ...place, content })
      : what === "react"
      ? call(owner, "reaction.add", { ...place, emoji: "👍" })
      : what === "recall"
      ? call(owner, "message.recall", place)
      : call(owner, "message.pin", place);
    // Of a recalled message nothing can be changed any more.
    const { seq } = await change.catch(() => ({ seq: null }));
    if (what === "edit" && seq !== null) words.set(seq, content.text);
  }

  for (const one of before) await take(one);
  await call(owner, "group.addMembers", { conversationId, memberIds: [actor.id] });
  const first = (await call(owner, "conversation.get", { conversationId })).lastSeq;
  for (const one of during) await take(one);
  await call(actor.person!, "group.leave", { conversationId });
  const left = (await call(owner, "conversation.get", { conversationId })).lastSeq;
  for (const one of after) await take(one);
  const last = (await call(owner, "conversation.get", { conversationId })).lastSeq;
  return { id: conversationId, first, left, last, messages, words };
}

const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/** Every page of the log, forwards and backwards, and of the history. */
async function readThrough(
  actor: Actor,
  { id: conversationId, first, left, last, messages }: Story,
): Promise<void> {
  const { call } = scene;
  const person = actor.person!;
  for (const after of [0, first, left, last]) {
    const { entries, lastSeq } = await call(person, "log.read", { conversationId, after });
    assert.deepEqual(entries.map(({ seq }) => seq), range(Math.max(after + 1, first), left));
    assert.equal(lastSeq, left);
    const back = await call(person, "log.read", { conversationId, before: after + 1 });
    assert.deepEqual(back.entries.map(({ seq }) => seq), range(first, Math.min(after, left)));
  }
  const seen: number[] = [];
  for (let before: number | null = last + 9; before !== null;) {
    const page: { messages: { seq: number }[]; nextBefore: number | null } = await call(
      person,
      "message.history",
      { conversationId, before, limit: 2 },
    );
    seen.unshift(...page.messages.map(({ seq }) => seq));
    before = page.nextBefore;
  }
  const visible = messages.filter((seq) => seq >= first && seq <= left);
  assert.deepEqual(seen, visible);
  for (const seq of range(1, last + 1)) {
    const place = { conversationId, seq };
    const expected = visible.includes(seq) ? "ok" : "message_not_found";
    for (const name of ["message.get", "message.edits"] as const) {
      for (const door of doorsOf(actor)) {
        assert.equal((await ask(scene.url, door, actor, name, place)).code, expected, `${name} ${seq}`);
      }
    }
  }
  for (const name of ["conversation.get", "conversation.members", "receipt.list"] as const) {
    const { code } = await ask(scene.url, "REST", actor, name, { conversationId });
    assert.equal(code, "conversation_not_found", `${name}: what is now, is not for who has left`);
  }
}

/** All operations that read, whichever there are: no answer has words that were said before or since. */
async function overhear(
  actor: Actor,
  { id: conversationId, first, left, last, words }: Story,
): Promise<void> {
  const secret = [...words].filter(([seq]) => seq < first || seq > left).map(([, text]) => text);
  for (const [name, operation] of Object.entries(operations) as [OperationName, Operation][]) {
    if (operation.method !== "GET" || operation.access !== "user") continue;
    const { shape } = operation.input;
    const input = await (casesOf(rows[name])[0] as Case<OperationName>).input(scene, actor);
    for (const seq of "seq" in shape ? range(1, last) : [0]) {
      const pointed = {
        ...input,
        ...("conversationId" in shape ? { conversationId } : {}),
        ...("seq" in shape ? { seq } : {}),
        ...("query" in shape ? { query: "words" } : {}),
      } as Input<OperationName>;
      const { said } = await ask(scene.url, "REST", actor, name, pointed);
      const text = JSON.stringify(said);
      for (const word of secret) assert.ok(!text.includes(word), `${name} ${seq} tells ${word}: ${text}`);
    }
  }
}

Deno.test("a former member sees exactly the log between joining and leaving, whichever way they read", async () => {
  const actor = await scene.another("stranger");
  await fc.assert(
    fc.asyncProperty(steps, steps, steps, async (before, during, after) => {
      const story = await play(actor, [before, during, after]);
      await readThrough(actor, story);
      await overhear(actor, story);
    }),
    { numRuns: 12, endOnFailure: true },
  );
});

Deno.test("what a former member may not read they cannot send on either", async () => {
  const actor = await scene.another("stranger");
  const say = { what: "say", which: 0 } as const;
  const { id: fromConversationId, messages: [before, during, after] } = await play(actor, [[say], [say], [
    say,
  ]]);
  const other = await register(scene.url);
  const { id: conversationId } = await scene.call(actor.person!, "conversation.openDirect", {
    userId: other.id,
  });
  for (const merged of [true, false]) {
    const forward = (seq: number) =>
      ask(scene.url, "WebSocket", actor, "message.forward", {
        conversationId,
        fromConversationId,
        clientId: `fw-${seq}-${merged}`,
        seqs: [seq],
        merged,
        ...(merged ? { title: "what was said" } : {}),
      });
    const codes = await Promise.all([before, during, after].map(async (seq) => (await forward(seq)).code));
    assert.deepEqual(codes, ["message_not_found", "ok", "message_not_found"]);
  }
});

Deno.test("who comes back sees from their coming back on, and not what was said meanwhile", async () => {
  const { call, owner } = scene;
  const actor = await scene.another("stranger");
  const say = { what: "say", which: 0 } as const;
  const { id: conversationId, last } = await play(actor, [[say], [say], [say]]);
  await call(owner, "group.addMembers", { conversationId, memberIds: [actor.id] });
  const { entries } = await call(actor.person!, "log.read", { conversationId });
  assert.deepEqual(entries.map(({ seq, kind }) => [seq, kind]), [[last + 1, "member.added"]]);
});
