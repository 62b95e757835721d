import assert from "node:assert/strict";
import fc from "fast-check";
import { type ErrorCode, ImError } from "../wire/errors.ts";
import type { Content } from "../wire/content.ts";
import { Outbox } from "./outbox.ts";
import type { OutboxItem } from "./outbox_item.ts";

const text = (text: string) => ({ type: "text" as const, text });
const textOf = (content: Content) => content.type === "text" ? content.text : "";
const backoff = { baseMs: 1, capMs: 2 };

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    assert(i < 2000, "it never came");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("Outbox: lost acks and failures store every message once, in order in its conversation", async () => {
  const outcome = fc.constantFrom("ok", "lost ack", "lost request", "rate_limited");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("1", "2", "3"), { minLength: 1, maxLength: 20 }),
      fc.array(outcome, { maxLength: 20 }),
      async (conversations, outcomes) => {
        const stored = new Map<string, string[]>();
        const ids = new Set<string>();
        const sent: OutboxItem[] = [];
        const outbox = new Outbox({
          backoff,
          onSent: (item) => sent.push(item),
          send: async ({ conversationId, clientId, content }) => {
            await Promise.resolve();
            const outcome = outcomes.shift() ?? "ok";
            if (outcome === "lost request") throw new ImError("unavailable");
            if (outcome === "rate_limited") throw new ImError("rate_limited", undefined, { retryAfterMs: 3 });
            if (!ids.has(clientId)) {
              stored.set(conversationId, [...stored.get(conversationId) ?? [], textOf(content)]);
            }
            ids.add(clientId);
            if (outcome === "lost ack") throw new ImError("unavailable");
            return { seq: ids.size, messageNo: ids.size, at: 0 };
          },
        });
        const said = conversations.map((id, n) => outbox.add(id, text(`${n}`)));
        await until(() => sent.length === said.length);
        for (const id of ["1", "2", "3"]) {
          const expected = said.filter((item) => item.conversationId === id).map((item) =>
            textOf(item.content)
          );
          assert.deepEqual(stored.get(id) ?? [], expected);
          assert.deepEqual(outbox.items(id), []);
        }
        outbox.close();
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("Outbox: a refused message waits for a person; those behind it go on; retry keeps its clientId", async () => {
  let refusal: ErrorCode | undefined = "blocked";
  const seen: string[] = [];
  const outbox = new Outbox({
    onSent: () => {},
    send: ({ clientId, content }) => {
      seen.push(clientId);
      if (refusal && textOf(content) === "one") return Promise.reject(new ImError(refusal));
      return Promise.resolve({ seq: 1, messageNo: 1, at: 0 });
    },
  });
  const one = outbox.add("1", text("one"));
  outbox.add("1", text("two"));
  await until(() => seen.length === 2);
  const [failed, ...others] = outbox.items("1");
  assert.deepEqual([failed.state, failed.error?.code, others], ["failed", "blocked", []]);

  refusal = undefined;
  outbox.retry(one.clientId);
  await until(() => outbox.items("1").length === 0);
  assert.equal(seen[2], one.clientId);
});

Deno.test("Outbox: what waits is bounded, and resume sends it without waiting for the back-off", async () => {
  let online = false;
  let sent = 0;
  const outbox = new Outbox({
    backoff: { baseMs: 60_000, capMs: 60_000, random: () => 0.9 },
    onSent: () => sent++,
    send: () =>
      online ? Promise.resolve({ seq: 1, messageNo: 1, at: 0 }) : Promise.reject(new ImError("unavailable")),
  });
  for (let n = 0; n < 1000; n++) outbox.add("1", text(`${n}`));
  assert.throws(() => outbox.add("1", text("one too many")), { code: "overloaded" });
  await new Promise((resolve) => setTimeout(resolve, 1));
  online = true;
  outbox.resume();
  await until(() => sent === 1000);
  outbox.close();
});
