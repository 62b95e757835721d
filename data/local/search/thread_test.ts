import assert from "node:assert/strict";
import { ImError } from "../../../wire/errors.ts";
import type { SearchRequest } from "../../service.ts";
import { bounded } from "./bounded.ts";
import { SearchThread, type SearchThreadOptions } from "./thread.ts";

const ask = (query: string, userId = 1): SearchRequest => ({ userId, query, types: [], limit: 1 });
const hasCode = (code: string) => (error: unknown) => error instanceof ImError && error.code === code;

function openThread(options: Partial<SearchThreadOptions> = {}) {
  const warnings: string[] = [];
  const spawned: Worker[] = [];
  const thread = new SearchThread({
    spawn: () => {
      const worker = new Worker(import.meta.resolve("./testdata/worker.ts"), { type: "module" });
      spawned.push(worker);
      return worker;
    },
    places: { database: "the database", words: "the words" },
    log: { warn: (message, fields) => void warnings.push(`${message}: ${fields?.because}`) },
    ...options,
  });
  return { thread, warnings, spawned };
}

Deno.test("search thread: starts with the first search, is told the places, and answers several at once", async () => {
  const { thread, spawned } = openThread();
  const answers = await Promise.all([thread.messages(ask("x")), thread.messages(ask("the database"))]);
  assert.deepEqual(answers.map(({ complete }) => complete), [false, true]);
  assert.equal(spawned.length, 1);
  thread.close();
  await assert.rejects(thread.messages(ask("x")), hasCode("unavailable"));
});

Deno.test("search thread: an expected failure keeps its code, another says nothing of its reason but to the log", async () => {
  const { thread, warnings } = openThread();
  await assert.rejects(thread.messages(ask("refuse")), hasCode("conversation_not_found"));
  await assert.rejects(
    thread.messages(ask("break")),
    (error: Error) => hasCode("internal")(error) && !/secret/.test(error.message),
  );
  assert.deepEqual(warnings, ["a search failed: Error: a secret of the inside"]);
  thread.close();
});

Deno.test("search thread: one that hangs or dies is replaced; what it had is unavailable", async () => {
  for (const query of ["hang", "throw"]) {
    const { thread, spawned, warnings } = openThread({
      answerWithinMs: query === "hang" ? 2_500 : 10_000,
      restartAfterMs: 10,
    });
    await thread.messages(ask("x"));
    await assert.rejects(thread.messages(ask(query)), hasCode("unavailable"));
    assert.equal((await thread.messages(ask("the database"))).complete, true);
    assert.equal(spawned.length, 2);
    assert.match(warnings[0], /the search thread failed/);
    thread.close();
  }
});

Deno.test("bounded: no user takes all places, and who finds no place is told at once", async () => {
  const gates: (() => void)[] = [];
  let atWork = 0;
  let most = 0;
  const search = bounded({
    messages: async () => {
      most = Math.max(most, ++atWork);
      await new Promise<void>((go) => gates.push(go));
      atWork--;
      return { hits: [], next: undefined, complete: true };
    },
  }, { running: 2, waiting: 3, waitTimeoutMs: 50, perUser: 2 });
  const first = [search.messages(ask("x", 1)), search.messages(ask("x", 1))];
  const toldWhen = { code: "overloaded", details: { retryAfterMs: 500 } };
  await assert.rejects(search.messages(ask("x", 1)), toldWhen);
  const late = [2, 3, 4].map((userId) => assert.rejects(search.messages(ask("x", userId)), toldWhen));
  await assert.rejects(search.messages(ask("x", 5)), toldWhen);
  await Promise.all(late);
  for (const go of gates.splice(0)) go();
  await Promise.all(first);
  const again = search.messages(ask("x", 1));
  await Promise.resolve();
  for (const go of gates.splice(0)) go();
  assert.equal((await again).complete, true);
  assert.equal(most, 2);
});
