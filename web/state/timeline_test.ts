import assert from "node:assert/strict";
import type { Entry, OutboxItem } from "../../sdk/mod.ts";
import { timeline } from "./timeline.ts";

const MINUTE = 60_000;
const NOON = new Date(2026, 4, 1, 12).getTime();

const message = (seq: number, senderId: string, at: number, clientId = `c${seq}`): Entry => ({
  seq,
  kind: "message",
  senderId,
  at,
  messageNo: seq,
  clientId,
  content: { type: "text", text: `message ${seq}` },
});
const event = (seq: number, at: number): Entry => ({
  ...message(seq, "2", at),
  kind: "member.added",
  content: {},
});
const pending = (clientId: string, at: number): OutboxItem => ({
  clientId,
  conversationId: "9",
  content: { type: "text", text: clientId },
  at,
  state: "sending",
});
const sketch = (lines: ReturnType<typeof timeline>) =>
  lines.map((line) => line.kind + ("startsGroup" in line && line.startsGroup ? "*" : ""));

Deno.test("timeline: one person's messages in a row stand together until a pause, an event, another person, a day", () => {
  const lines = timeline(
    [
      message(1, "2", NOON),
      message(2, "2", NOON + MINUTE),
      message(3, "2", NOON + 10 * MINUTE),
      event(4, NOON + 10 * MINUTE),
      message(5, "2", NOON + 11 * MINUTE),
      message(6, "1", NOON + 11 * MINUTE),
      message(7, "1", NOON + 24 * 60 * MINUTE),
    ],
    [pending("p1", NOON + 24 * 60 * MINUTE)],
    "1",
  );
  const first = ["day", "message*", "message", "message*", "event", "message*", "message*"];
  assert.deepEqual(sketch(lines), [...first, "day", "message*", "pending"]);
});

Deno.test("timeline: a message keeps its key when it is stored, and is there once while its ack is on the way", () => {
  const waiting = timeline([], [pending("p1", NOON)], "1");
  const both = timeline([message(1, "1", NOON, "p1")], [pending("p1", NOON)], "1");
  assert.deepEqual(sketch(both), ["day", "message*"]);
  assert.equal(both[1].key, waiting[1].key);
  // Another person's clientId is theirs, whatever it is.
  assert.deepEqual(sketch(timeline([message(1, "2", NOON, "p1")], [pending("p1", NOON)], "1")), [
    "day",
    "message*",
    "pending*",
  ]);
});
