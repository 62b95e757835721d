import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { WebSocket } from "ws";
import { MAX_BUFFERED_BYTES, Outbox } from "./outbox.ts";

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
