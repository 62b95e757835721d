import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { ReasonedSocket } from "./reasoned_socket.ts";
import { LOW_BUFFERED_BYTES, MAX_BUFFERED_BYTES, Outbox, SOFT_BUFFERED_BYTES } from "./outbox.ts";

/** As much of a WebSocket as an Outbox sees. */
function open() {
  const sent: string[] = [];
  const socket = { OPEN: 1, readyState: 1, bufferedAmount: 0, sendText: (frame: string) => sent.push(frame) };
  let overflows = 0;
  const outbox = new Outbox(socket as unknown as ReasonedSocket, () => overflows += 1);
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

/** A socket whose peer takes frames when the test says so. */
function slow() {
  const waiting: { frame: string; done: () => void }[] = [];
  const socket = {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    sendText(frame: string, done: () => void) {
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
  let overflows = 0;
  const outbox = new Outbox(socket as unknown as ReasonedSocket, () => overflows += 1);
  return { outbox, waiting, take, overflows: () => overflows };
}

const SYNC_NEEDED = '{"jsonrpc":"2.0","method":"sync.needed","params":{}}';

Deno.test("of much to take the socket gets a piece at a time, so that a slow reader is not a stalled one", async () => {
  const { outbox, waiting, take } = slow();
  const messages = Array.from({ length: 100 }, (_, i) => JSON.stringify(`${i} ${"x".repeat(5_000)}`));
  for (const message of messages) outbox.push(message);
  await setImmediate();
  const heard: string[] = [];
  for (let turn = 0; waiting.length > 0; turn++) {
    assert.ok(waiting.length === 1 && waiting[0].frame.length < LOW_BUFFERED_BYTES + 10_000);
    assert.equal(outbox.stalledMs(turn * 9_000), 0);
    heard.push(...JSON.parse(take()).map((value: string) => JSON.stringify(value)));
  }
  assert.deepEqual(heard, messages);
  outbox.push("1");
  await setImmediate();
  assert.equal(take(), "1", "and then it goes on as ever");
});

Deno.test("a reader that lets too much pile up is reported and gets nothing more", async () => {
  const { outbox, waiting, overflows } = slow();
  const piece = "x".repeat(LOW_BUFFERED_BYTES + 1);
  for (let i = 0; i < 70; i++) {
    outbox.push(piece);
    await setImmediate();
  }
  assert.equal(waiting.length, 1);
  assert.ok(overflows() > 0 && overflows() < 10, `${overflows()} were over the limit`);
  assert.ok(outbox.backlog < MAX_BUFFERED_BYTES + 3 * piece.length);
});

Deno.test("a frame of its own is refused to a socket that holds too much", () => {
  const { sent, socket, outbox, overflows } = open();
  socket.bufferedAmount = MAX_BUFFERED_BYTES + 1;
  outbox.pushFrame("3");
  assert.deepEqual([sent, overflows()], [[], 1]);
});

Deno.test("a reader that is behind gets answers but no hints, then one sync.needed, then hints again", async () => {
  const { outbox, waiting, take } = slow();
  const hint = (letter: string) => outbox.hint(letter.repeat(LOW_BUFFERED_BYTES));
  for (let i = 0; i < 20; i++) {
    hint(`${i % 10}`);
    await setImmediate();
  }
  outbox.push("answer");
  const taken: string[] = [];
  while (waiting.length > 0) {
    taken.push(take());
    if (taken.length < 17) hint("z");
    else if (taken.at(-1)!.includes("sync.needed")) outbox.hint("d");
    await setImmediate();
  }
  const told = taken.map((frame) => frame.length < 100 ? frame : frame[0]);
  // Two in the socket, 17 in the queue; the twentieth and all z are left out.
  assert.deepEqual(told, [..."0123456789012345678", "answer", SYNC_NEEDED, "d"]);
});

Deno.test("what is hinted in one turn is bounded, too", async () => {
  const { outbox, waiting, take } = slow();
  for (let i = 0; i < 100; i++) outbox.hint("x".repeat(LOW_BUFFERED_BYTES));
  await setImmediate();
  let length = 0;
  while (waiting.length > 1 || waiting[0]?.frame !== SYNC_NEEDED) {
    length += take().length;
    await setImmediate();
  }
  assert.ok(length < SOFT_BUFFERED_BYTES + 2 * LOW_BUFFERED_BYTES);
});

Deno.test("at its end only a peer that takes what it gets is given the rest", async () => {
  const { outbox, waiting } = slow();
  outbox.push("answer");
  outbox.finish();
  assert.deepEqual(waiting.map(({ frame }) => frame), ["answer"]);
  outbox.push("x".repeat(2 * LOW_BUFFERED_BYTES));
  await setImmediate();
  outbox.push("y");
  await setImmediate();
  outbox.push("z");
  outbox.finish();
  assert.equal(waiting.length, 2);
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
    sendText: (_: string, done: () => void) => taken.push(done),
  };
  const outbox = new Outbox(socket as unknown as ReasonedSocket, () => {});
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
