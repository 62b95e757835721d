import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { CallBatch, ResultBatch } from "../../proto/gen/stream.ts";
import { ImError } from "../../wire/errors.ts";
import { Call, type LostCalls } from "./call.ts";
import { BATCH_BYTES, MAX_CALLS_IN_FLIGHT, MAX_UNSENT_BYTES } from "./limits.ts";
import { METHODS } from "./methods.ts";
import { CallStream } from "./stream.ts";

/** What grpc-js would give, without a socket: it keeps what is written, and says when it was. */
class FakeStream extends EventEmitter {
  batches: CallBatch[] = [];
  written: (() => void)[] = [];
  ended = false;
  write(batch: CallBatch, written: () => void): boolean {
    this.batches.push(batch);
    this.written.push(written);
    return true;
  }
  end(): void {
    this.ended = true;
  }
  cancel(): void {}
}

function open() {
  const fake = new FakeStream();
  const lost: LostCalls[] = [];
  const said: string[] = [];
  const stream = new CallStream(fake as unknown as ClientDuplexStream<CallBatch, ResultBatch>, {
    goAway: () => said.push("goAway"),
    lost: (calls) => lost.push(calls),
    over: (why) => said.push(why),
  });
  const outcomes = new Map<number, Uint8Array | ImError>();
  let id = 0;
  const send = (bytes = 10) => {
    const settle = (call: Call, outcome: Uint8Array | ImError) => void outcomes.set(call.id, outcome);
    const call = new Call(++id, METHODS[0], new Uint8Array(bytes), {
      repeatable: true,
      deadlineMs: Infinity,
      settle,
    });
    stream.send(call);
    return call;
  };
  return { fake, stream, lost, said, outcomes, send };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));
const ids = ({ calls }: { calls: { id: number }[] }) => calls.map(({ id }) => id);

Deno.test("stream: the calls of one turn are one message, also those made by its microtasks", async () => {
  const { fake, send } = open();
  for (let i = 0; i < 100; i++) send();
  await Promise.resolve().then(() => {}).then(() => send());
  assert.equal(fake.batches.length, 0);
  await turn();
  assert.deepEqual(fake.batches.map(({ calls }) => calls.length), [101]);
  send();
  await turn();
  assert.equal(fake.batches.length, 2);
});

Deno.test("stream: messages are cut by calls and by bytes, and order is kept", async () => {
  const { fake, send } = open();
  for (let i = 0; i < 1_500; i++) send();
  for (let i = 0; i < 3; i++) send(BATCH_BYTES / 2 + 1);
  await turn();
  fake.written.splice(0).forEach((done) => done());
  assert.deepEqual(fake.batches.flatMap(ids), Array.from({ length: 1_503 }, (_, i) => i + 1));
  assert.deepEqual(fake.batches.map(({ calls }) => calls.length), [1_000, 501, 1, 1]);
});

Deno.test("stream: while the socket takes nothing, calls wait in a bounded queue, then they are refused", async () => {
  const { fake, send, outcomes } = open();
  for (let i = 0; i < 10; i++) {
    send(MAX_UNSENT_BYTES / 16);
    await turn();
  }
  assert.equal(fake.batches.length, 4);
  for (let i = 0; i < 6; i++) send(MAX_UNSENT_BYTES / 16);
  assert.equal(outcomes.size, 0);
  send(1);
  const refused = outcomes.get(17);
  assert.ok(refused instanceof ImError && refused.code === "overloaded" && refused.details.retryAfterMs);
  fake.written[0]();
  send(1);
  assert.equal(outcomes.size, 1);
});

Deno.test("stream: so many unanswered calls and no more", () => {
  const { send, outcomes } = open();
  for (let i = 0; i < MAX_CALLS_IN_FLIGHT; i++) send(0);
  assert.equal(outcomes.size, 0);
  send(0);
  assert.equal(outcomes.size, 1);
});

Deno.test("stream: told to go away it writes no more, gives back what it had not written, and hears the rest", async () => {
  const { fake, send, lost, said, outcomes } = open();
  send();
  await turn();
  send();
  fake.emit("data", { results: [], goAway: true } satisfies ResultBatch);
  await turn();
  assert.deepEqual([said, fake.batches.length, fake.ended], [["goAway"], 1, true]);
  assert.deepEqual(lost.map((each) => [ids(each), each.taken]), [[[2], false]]);
  const outcome = { $case: "payload", payload: new Uint8Array(3) } as const;
  fake.emit("data", { results: [{ id: 1, outcome }], goAway: false } satisfies ResultBatch);
  assert.equal(outcomes.get(1), outcome.payload);
  fake.emit("end");
  assert.deepEqual([said.length, lost.length], [2, 1]);
});

Deno.test("stream: when it breaks, all its calls are lost at once, in order, and none twice", async () => {
  const { fake, stream, send, lost, said } = open();
  send();
  send().settle(new ImError("unavailable"));
  await turn();
  send();
  stream.forget(send());
  fake.emit("error", { details: "gone", message: "gone" });
  fake.emit("end");
  assert.deepEqual(said, ["gone"]);
  assert.deepEqual(lost.map((each) => [ids(each), each.taken]), [[[1, 3, 4], true]]);
});
