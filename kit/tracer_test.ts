import assert from "node:assert/strict";
import { currentTraceparent } from "./trace.ts";
import { isRecorded, type Span, SpanKind, Tracer, UNTRACED } from "./tracer.ts";

const GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const OTHER = GIVEN.replace("0af7", "1111");
const UNFLAGGED = GIVEN.replace(/01$/, "00");

function setUp(sample = 1, random = () => 0.5) {
  const spans: Span[] = [];
  return { spans, tracer: new Tracer({ sample, take: (span) => spans.push(span), random }) };
}

const here = () => Promise.resolve(currentTraceparent());

Deno.test("tracer: which requests are recorded is chance, whatever the client's flag says", async () => {
  for (const given of [GIVEN, UNFLAGGED]) {
    const { spans, tracer } = setUp(0.6);
    assert.ok(isRecorded(await tracer.request("a", given, here)));
    assert.equal(spans.length, 1);
    assert.equal(spans[0].parent, given);
    assert.equal(spans[0].traceparent.slice(0, 35), given.slice(0, 35));
    for (const none of [setUp(0.5).tracer, setUp(0, () => 0).tracer, UNTRACED]) {
      assert.equal(await none.request("a", given, here), UNFLAGGED);
    }
  }
  const { spans, tracer } = setUp();
  await tracer.request("a", "nonsense", here);
  assert.equal(spans[0].parent, undefined);
  assert.equal(await UNTRACED.request("a", undefined, here), undefined);
});

Deno.test("tracer: parts are of what they were done for; an error leaves its code and not its words", async () => {
  const { spans, tracer } = setUp();
  await tracer.part("nobody asked", SpanKind.CLIENT, here);
  await assert.rejects(tracer.request("outer", undefined, () =>
    tracer.part("inner", SpanKind.CLIENT, () => {
      throw Object.assign(new Error("hunter2"), { code: "conversation_not_found" });
    })));
  const [inner, outer] = spans;
  assert.deepEqual([inner.name, outer.name, spans.length], ["inner", "outer", 2]);
  assert.equal(inner.parent, outer.traceparent);
  assert.equal(inner.error, "conversation_not_found");
  assert.ok(!JSON.stringify(spans).includes("hunter2"));
});

Deno.test("tracer: another process is followed in what it decided", async () => {
  const { spans, tracer } = setUp(0);
  assert.equal(await tracer.served("a", UNFLAGGED, here), UNFLAGGED);
  assert.equal(await tracer.served("a", undefined, here), undefined);
  assert.equal(spans.length, 0);
  assert.notEqual(await tracer.served("a", GIVEN, here), GIVEN);
  assert.equal(spans[0].parent, GIVEN);
});

Deno.test("tracer: what is done for several is of the first and linked to the others, and of no trace that was not recorded", async () => {
  const { spans, tracer } = setUp();
  await tracer.shared("batch", [undefined, UNFLAGGED, GIVEN, OTHER], here);
  assert.deepEqual([spans[0].parent, spans[0].links], [GIVEN, [OTHER]]);
  // Whoever starts the next batch may still be within the trace of the one before.
  const leaked = await tracer.request("starter", undefined, () => tracer.shared("batch", [undefined], here));
  assert.equal(leaked, undefined);
  assert.equal(spans.length, 2);
});

Deno.test("tracer: what follows is linked to its cause, and runs at once", () => {
  const { spans, tracer } = setUp();
  const seen: (string | undefined)[] = [];
  const run = () => void seen.push(currentTraceparent());
  tracer.following("deliver", GIVEN, run);
  tracer.following("deliver", UNFLAGGED, run);
  tracer.following("deliver", undefined, run);
  assert.deepEqual(seen, [spans[0].traceparent, undefined, undefined]);
  assert.deepEqual([spans.length, spans[0].parent, spans[0].links], [1, GIVEN, [GIVEN]]);
});
