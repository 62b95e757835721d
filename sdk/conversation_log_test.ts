import assert from "node:assert/strict";
import fc from "fast-check";
import { ImError } from "../wire/errors.ts";
import type { Entry } from "../wire/schemas.ts";
import { ConversationLog } from "./conversation_log.ts";

const entry = (seq: number): Entry => ({
  seq,
  kind: "message",
  senderId: "1",
  at: seq,
  messageNo: seq,
  content: { type: "text", text: `message ${seq}` },
});
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const backoff = { baseMs: 1, capMs: 2 };

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    assert(i < 2000, "it never came");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** What happens to the log, as fast-check invents it: pushes in any order, holes, repeats, failing reads. */
const history = fc.record({
  length: fc.integer({ min: 1, max: 60 }),
  after: fc.nat({ max: 10 }),
  page: fc.integer({ min: 1, max: 7 }),
  pushes: fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }), { maxLength: 12 }),
  failures: fc.array(fc.constantFrom("ok", "unavailable", "lagging"), { maxLength: 6 }),
});

Deno.test("ConversationLog: whatever comes in whatever order, the log comes out once, in order, without a hole", async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ length, after, page, pushes, failures }) => {
      const out: number[] = [];
      const outcomes = [...failures];
      const log = new ConversationLog({
        after,
        graceMs: 0,
        backoff,
        onEntries: (entries) => out.push(...entries.map(({ seq }) => seq)),
        read: async (last) => {
          await Promise.resolve();
          const outcome = outcomes.shift();
          if (outcome === "unavailable") throw new ImError("unavailable");
          const upTo = outcome === "lagging" ? last : Math.min(last + page, length);
          return { entries: range(last + 1, upTo).map(entry), lastSeq: length };
        },
      });
      try {
        for (const seqs of pushes) {
          log.push(seqs.filter((seq) => seq <= length).map(entry));
          await Promise.resolve();
        }
        log.sync();
        await until(() => log.lastSeq >= length);
        assert.deepEqual(out, range(after + 1, length));
      } finally {
        log.close();
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("ConversationLog: entries that arrive out of order within the grace cost no read", async () => {
  let reads = 0;
  const out: number[] = [];
  const log = new ConversationLog({
    graceMs: 20,
    onEntries: (entries) => out.push(...entries.map(({ seq }) => seq)),
    read: (after) => Promise.resolve({ entries: [], lastSeq: (reads++, after) }),
  });
  log.push([entry(2)]);
  log.push([entry(1)]);
  log.push([entry(3), entry(3), entry(1)]);
  assert.deepEqual(out, [1, 2, 3]);
  log.close();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(reads, 0);
});

Deno.test("ConversationLog: what comes from far beyond a hole is bounded, and read again when its turn comes", async () => {
  const out: number[] = [];
  const log = new ConversationLog({
    graceMs: 5,
    onEntries: (entries) => out.push(...entries.map(({ seq }) => seq)),
    read: (after) =>
      Promise.resolve({ entries: range(after + 1, Math.min(after + 200, 3000)).map(entry), lastSeq: 3000 }),
  });
  log.push(range(2, 3000).map(entry));
  await until(() => log.lastSeq === 3000);
  assert.deepEqual(out, range(1, 3000));
  log.close();
});

Deno.test("ConversationLog: a refusal that trying again cannot help is told once", async () => {
  const errors: unknown[] = [];
  const log = new ConversationLog({
    graceMs: 0,
    backoff,
    onEntries: () => assert.fail("nothing may come"),
    onError: (error) => errors.push(error),
    read: () => Promise.reject(new ImError("conversation_not_found")),
  });
  log.expect(3);
  await until(() => errors.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(errors.length, 1);
  log.close();
});
