import assert from "node:assert/strict";
import { ImError } from "../../wire/errors.ts";
import { createGroupCommit } from "./group_commit.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** A group commit whose commits end when the test says so; each request is answered by its text in capitals. */
function harness({ maxBatch = 4, maxWaiting = 100, writers = 1 } = {}) {
  const batches: string[][] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const submit = createGroupCommit<string, string>({
    commit: async (batch) => {
      batches.push([...batch]);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return batch.map((request) =>
        request.startsWith("bad") ? new ImError("blocked", request) : request.toUpperCase()
      );
    },
    maxBatch,
    maxWaiting,
    writers,
    // Of "a1" and "a2" the key is the same.
    keyOf: (request) => request.charCodeAt(0),
  });
  /** Ends the commits up to number `count`, as they begin. */
  const finish = async (count: number) => {
    for (let i = 0; i < count; i++) {
      while (!gates[i]) await Promise.resolve();
      gates[i].resolve();
    }
  };
  return { batches, gates, submit, finish };
}

const codeOf = (call: Promise<unknown>) =>
  call.then(() => "ok", (error) => error instanceof ImError ? error.code : `${error}`);

Deno.test("group commit: a lone request is committed alone and answered", async () => {
  const { batches, submit, finish } = harness();
  const answer = submit("a");
  await finish(1);
  assert.equal(await answer, "A");
  assert.deepEqual(batches, [["a"]]);
});

Deno.test("group commit: what comes in one turn shares a commit", async () => {
  const { batches, submit, finish } = harness();
  const answers = ["a", "b", "c"].map(submit);
  assert.deepEqual(batches, [], "nothing begins before the turn is over");
  await finish(1);
  assert.deepEqual(await Promise.all(answers), ["A", "B", "C"]);
  assert.deepEqual(batches, [["a", "b", "c"]]);
});

Deno.test("group commit: what comes while one commits waits and shares the next", async () => {
  const { batches, gates, submit, finish } = harness();
  const first = submit("a");
  await Promise.resolve();
  const more = [submit("b")];
  await new Promise((resolve) => setTimeout(resolve, 1));
  more.push(submit("c"));
  assert.deepEqual(batches, [["a"]], "one commit at a time");
  gates[0].resolve();
  assert.equal(await first, "A");
  await finish(2);
  assert.deepEqual(await Promise.all(more), ["B", "C"]);
  assert.deepEqual(batches, [["a"], ["b", "c"]]);
  const later = submit("d");
  await finish(3);
  assert.equal(await later, "D");
});

Deno.test("group commit: a batch has its bound, and order is kept over batches", async () => {
  const { batches, submit, finish } = harness({ maxBatch: 3 });
  const settled: string[] = [];
  const answers = [..."abcdefgh"].map((request) => submit(request).then((answer) => settled.push(answer)));
  await finish(3);
  await Promise.all(answers);
  assert.deepEqual(batches, [["a", "b", "c"], ["d", "e", "f"], ["g", "h"]]);
  assert.deepEqual(settled, [..."ABCDEFGH"]);
});

Deno.test("group commit: more than may wait is overloaded, at once, and takes nothing from the others", async () => {
  const { batches, submit, finish } = harness({ maxBatch: 2, maxWaiting: 3 });
  const first = submit("a");
  await Promise.resolve();
  const waiting = ["b", "c", "d"].map(submit);
  await assert.rejects(submit("e"), (error) => {
    assert.ok(error instanceof ImError);
    assert.equal(error.code, "overloaded");
    assert.ok(error.details.retryAfterMs! > 0);
    return true;
  });
  await finish(3);
  assert.deepEqual(await Promise.all([first, ...waiting]), ["A", "B", "C", "D"]);
  assert.deepEqual(batches.flat(), ["a", "b", "c", "d"]);
  const again = submit("f");
  await finish(4);
  assert.equal(await again, "F");
});

Deno.test("group commit: a request's own ImError is its answer only", async () => {
  const { batches, submit, finish } = harness();
  const codes = ["a", "bad b", "c"].map((request) => codeOf(submit(request)));
  await finish(1);
  assert.deepEqual(await Promise.all(codes), ["ok", "blocked", "ok"]);
  assert.equal(batches.length, 1);
});

/** Commits fail when a request says so; those that did not are what is stored. */
function failing() {
  const batches: string[][] = [];
  const stored: string[] = [];
  const submit = createGroupCommit<string, string>({
    // deno-lint-ignore require-await -- the contract is asynchronous
    commit: async (batch) => {
      batches.push([...batch]);
      if (batch.includes("poison")) throw new TypeError("cannot read this");
      if (batch.includes("away")) throw new ImError("unavailable");
      stored.push(...batch);
      return [...batch];
    },
    maxBatch: 10,
    maxWaiting: 100,
  });
  return { batches, stored, submit };
}

Deno.test("group commit: one request that breaks the commit fails alone; the others are stored in order", async () => {
  const { batches, stored, submit } = failing();
  const codes = await Promise.all(["a", "poison", "b", "c"].map((request) => codeOf(submit(request))));
  assert.deepEqual(codes, ["ok", "TypeError: cannot read this", "ok", "ok"]);
  assert.deepEqual(stored, ["a", "b", "c"]);
  assert.deepEqual(batches, [["a", "poison", "b", "c"], ["a"], ["poison"], ["b"], ["c"]]);
});

Deno.test("group commit: a lone request that breaks the commit is tried once", async () => {
  const { batches, submit } = failing();
  assert.equal(await codeOf(submit("poison")), "TypeError: cannot read this");
  assert.deepEqual(batches, [["poison"]]);
  assert.equal(await submit("a"), "a");
});

Deno.test("group commit: the database's trouble is everyone's, is tried once, and the next batch goes on", async () => {
  const { batches, stored, submit } = failing();
  const codes = await Promise.all(["a", "away", "b"].map((request) => codeOf(submit(request))));
  assert.deepEqual(codes, ["unavailable", "unavailable", "unavailable"]);
  assert.equal(batches.length, 1);
  assert.equal(await submit("c"), "c");
  assert.deepEqual(stored, ["c"]);
});

Deno.test("group commit: a commit that throws at once is the same as one that rejects", async () => {
  const submit = createGroupCommit<string, string>({
    commit: () => {
      throw new ImError("unavailable");
    },
    maxBatch: 10,
    maxWaiting: 10,
  });
  assert.deepEqual(await Promise.all([codeOf(submit("a")), codeOf(submit("b"))]), [
    "unavailable",
    "unavailable",
  ]);
});

Deno.test("group commit: with several writers few that wait still wait, and many get a transaction of their own", async () => {
  const { batches, submit, finish } = harness({ maxBatch: 100, maxWaiting: 1000, writers: 2 });
  const answers = [submit("a0")];
  await Promise.resolve();
  for (let i = 0; i < 63; i++) answers.push(submit(`b${i}`));
  await Promise.resolve();
  assert.equal(batches.length, 1, "63 are not worth another one");
  answers.push(submit("c0"));
  await Promise.resolve();
  assert.deepEqual(batches.map((batch) => batch.length), [1, 64]);
  for (let i = 0; i < 70; i++) answers.push(submit(`d${i}`));
  await Promise.resolve();
  assert.equal(batches.length, 2, "there are two writers");
  await finish(3);
  await Promise.all(answers);
  assert.deepEqual(batches.map((batch) => batch.length), [1, 64, 70]);
});

Deno.test("group commit: of one key nothing is stored beside what is being stored, and in order", async () => {
  const { batches, gates, submit, finish } = harness({ maxBatch: 100, maxWaiting: 1000, writers: 2 });
  const answers = [submit("a0")];
  await Promise.resolve();
  for (let i = 1; i < 40; i++) answers.push(submit(`a${i}`), submit(`b${i}`));
  await Promise.resolve();
  assert.ok(batches[1].length > 0 && batches[1].every((request) => request.startsWith("b")));
  gates[1].resolve();
  await answers[2];
  assert.equal(batches.length, 2, "those of a wait for the first one");
  gates[0].resolve();
  await finish(3);
  await Promise.all(answers);
  assert.deepEqual(batches[2], Array.from({ length: 39 }, (_, i) => `a${i + 1}`));
});
