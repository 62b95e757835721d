import assert from "node:assert/strict";
import { currentTraceparent } from "../../kit/trace.ts";
import { type Span, Tracer } from "../../kit/tracer.ts";
import { createGroupCommit } from "./group_commit.ts";

Deno.test("group commit: a transaction is in the traces of all its requests, and the next one in none of theirs", async () => {
  const spans: Span[] = [];
  const tracer = new Tracer({ sample: 1, take: (span) => spans.push(span) });
  const seen: (string | undefined)[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const submit = createGroupCommit<string, string>({
    commit: async (batch) => {
      seen.push(currentTraceparent());
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return [...batch];
    },
    maxBatch: 10,
    maxWaiting: 10,
    tracer,
  });
  const first = ["a", "b"].map((name) => tracer.request(name, undefined, () => submit(name)));
  while (gates.length < 1) await Promise.resolve();
  const second = submit("nobody's");
  gates[0].resolve();
  while (gates.length < 2) await Promise.resolve();
  gates[1].resolve();
  await Promise.all([...first, second]);

  const [commit] = spans.filter(({ name }) => name === "group commit");
  const of = (name: string) => spans.find((span) => span.name === name)!.traceparent;
  assert.deepEqual([commit.parent, commit.links], [of("a"), [of("b")]]);
  assert.deepEqual(seen, [commit.traceparent, undefined]);
  assert.equal(spans.length, 3);
});
