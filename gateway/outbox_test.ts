import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { WebSocket } from "ws";
import { LOW_BUFFERED_BYTES, MAX_BUFFERED_BYTES, Outbox, SOFT_BUFFERED_BYTES } from "./outbox.ts";

/** As much of a WebSocket as an Outbox sees. */
function open() {
  const sent: string[] = [];
  const socket = { OPEN: 1, readyState: 1, bufferedAmount: 0, send: (frame: string) => sent.push(frame) };
  let overflows = 0;
  const outbox = new Outbox(socket as unknown as WebSocket, () => overflows += 1);
  return { sent, socket, outbox, overflows: () => overflows };
}

Deno.test("what is pushed in one turn leaves as one frame: one message as it is, several as an array", async () => {
  const { sent, outbox } = open();
  outbox.push('{"a":1}');
  assert.deepEqual(sent, []);
  await setImmediate();
  outbox.push('{"a":2}');
  outbox.push('{"a":3}');
  await setImmediate();
  assert.deepEqual(sent, ['{"a":1}', '[{"a":2},{"a":3}]']);
});

Deno.test("a frame of its own leaves at once, behind what was queued before it", async () => {
  const { sent, outbox } = open();
  outbox.push("1");
  outbox.push("2");
  outbox.pushFrame("[3]");
  outbox.push("4");
  assert.deepEqual(sent, ["[1,2]", "[3]"]);
  await setImmediate();
  assert.deepEqual(sent, ["[1,2]", "[3]", "4"]);
});

Deno.test("a reader that lets too much pile up is reported and gets nothing more", async () => {
  const { sent, socket, outbox, overflows } = open();
  socket.bufferedAmount = MAX_BUFFERED_BYTES;
  outbox.push("1");
  await setImmediate();
  assert.deepEqual([sent, overflows()], [["1"], 0]);
  socket.bufferedAmount += 1;
  outbox.push("2");
  await setImmediate();
  outbox.pushFrame("3");
  assert.deepEqual([sent, overflows()], [["1"], 2]);
});

/** A socket whose peer takes frames when the test says so. */
function slow() {
  const waiting: { frame: string; done: () => void }[] = [];
  const socket = {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send(frame: string, done: () => void) {
      waiting.push({ frame, done });
      this.bufferedAmount += frame.length;
    },
  };
  const take = () => {
    const { frame, done } = waiting.shift()!;
    socket.bufferedAmount -= frame.length;
    done();
    return frame;
  };
  return { outbox: new Outbox(socket as unknown as WebSocket, () => {}), waiting, take };
}

const SYNC_NEEDED = '{"jsonrpc":"2.0","method":"sync.needed","params":{}}';

Deno.test("a reader that is behind gets answers but no hints, then one sync.needed, then hints again", async () => {
  const { outbox, waiting, take } = slow();
  outbox.push("a".repeat(SOFT_BUFFERED_BYTES - LOW_BUFFERED_BYTES));
  await setImmediate();
  outbox.hint("b".repeat(LOW_BUFFERED_BYTES));
  await setImmediate();
  outbox.hint("c");
  await setImmediate();
  assert.deepEqual(
    waiting.map(({ frame }) => frame[0]),
    ["a", "b", "c"],
    "up to the limit nothing is left out",
  );
  outbox.hint("left out");
  outbox.push("answer");
  await setImmediate();
  assert.equal(waiting.at(-1)!.frame, "answer");
  take();
  await setImmediate();
  outbox.hint("left out");
  await setImmediate();
  assert.deepEqual(waiting.map(({ frame }) => frame[0]), ["b", "c", "a"], "still too much waits");
  take();
  outbox.hint("d");
  await setImmediate();
  assert.deepEqual(waiting.map(({ frame }) => frame), ["c", "answer", `[${SYNC_NEEDED},d]`]);
  while (waiting.length > 0) take();
  await setImmediate();
  assert.deepEqual(waiting, [], "it is told once");
});

Deno.test("what is hinted in one turn is bounded, too", async () => {
  const { outbox, waiting, take } = slow();
  for (let i = 0; i < 100; i++) outbox.hint("x".repeat(LOW_BUFFERED_BYTES));
  await setImmediate();
  assert.ok(take().length < SOFT_BUFFERED_BYTES + 2 * LOW_BUFFERED_BYTES);
  await setImmediate();
  assert.deepEqual(waiting.map(({ frame }) => frame), [SYNC_NEEDED]);
});

Deno.test("nothing is sent on a socket that closes", async () => {
  const { sent, socket, outbox, overflows } = open();
  outbox.push("1");
  socket.readyState = 2;
  socket.bufferedAmount = MAX_BUFFERED_BYTES + 1;
  await setImmediate();
  assert.deepEqual([sent, overflows()], [[], 0]);
});

Deno.test("stalled is who takes nothing though frames wait: not who takes some, not who has nothing to take", () => {
  const taken: (() => void)[] = [];
  const socket = {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send: (_: string, done: () => void) => taken.push(done),
  };
  const outbox = new Outbox(socket as unknown as WebSocket, () => {});
  assert.equal(outbox.stalledMs(1_000), 0);
  assert.equal(outbox.stalledMs(60_000), 0, "nothing waits");
  outbox.pushFrame("[1]");
  outbox.pushFrame("[2]");
  outbox.pushFrame("[3]");
  assert.equal(outbox.stalledMs(62_000), 2_000);
  taken.shift()!();
  assert.equal(outbox.stalledMs(64_000), 0, "one was taken");
  assert.equal(outbox.stalledMs(74_000), 10_000);
  outbox.pushFrame("[4]");
  assert.equal(outbox.stalledMs(75_000), 11_000, "more to take is no progress");
  for (const done of taken) done();
  assert.equal(outbox.stalledMs(90_000), 0);
});
