import assert from "node:assert/strict";
import type { Entry, OutboxItem, ViewMessage } from "../../sdk/mod.ts";
import { timeline } from "./timeline.ts";

const MINUTE = 60_000;
const NOON = new Date(2026, 4, 1, 12).getTime();

const message = (seq: number, senderId: string, at: number, clientId = `c${seq}`): ViewMessage => ({
  seq,
  senderId,
  at,
  clientId,
  content: { type: "text", text: `message ${seq}` },
  edits: 0,
  reactions: [],
});
const event = (seq: number, at: number): Entry => ({
  seq,
  kind: "member.added",
  senderId: "2",
  at,
  messageNo: seq,
  content: {},
});
const pending = (clientId: string, at: number): OutboxItem => ({
  clientId,
  conversationId: "9",
  content: { type: "text", text: clientId },
  at,
  state: "sending",
});
const NOTHING = { messages: [], events: [], pending: [], myId: "1" };
const sketch = (lines: ReturnType<typeof timeline>) =>
  lines.map((line) => line.kind + ("startsGroup" in line && line.startsGroup ? "*" : ""));

Deno.test("timeline: one person's messages in a row stand together until a pause, an event, another person, a day", () => {
  const lines = timeline({
    messages: [
      message(1, "2", NOON),
      message(2, "2", NOON + MINUTE),
      message(3, "2", NOON + 10 * MINUTE),
      message(5, "2", NOON + 11 * MINUTE),
      message(6, "1", NOON + 11 * MINUTE),
      message(7, "1", NOON + 24 * 60 * MINUTE),
    ],
    events: [event(4, NOON + 10 * MINUTE)],
    pending: [pending("p1", NOON + 24 * 60 * MINUTE)],
    myId: "1",
  });
  const first = ["day", "message*", "message", "message*", "event", "message*", "message*"];
  assert.deepEqual(sketch(lines), [...first, "day", "message*", "pending"]);
});

Deno.test("timeline: a message keeps its key when it is stored, and is there once while its ack is on the way", () => {
  const waiting = timeline({ ...NOTHING, pending: [pending("p1", NOON)] });
  const both = timeline({
    ...NOTHING,
    messages: [message(1, "1", NOON, "p1")],
    pending: [pending("p1", NOON)],
  });
  assert.deepEqual(sketch(both), ["day", "message*"]);
  assert.equal(both[1].key, waiting[1].key);
  // Another person's clientId is theirs, whatever it is.
  const theirs = { messages: [message(1, "2", NOON, "p1")], pending: [pending("p1", NOON)] };
  assert.deepEqual(sketch(timeline({ ...NOTHING, ...theirs })), ["day", "message*", "pending*"]);
});

Deno.test("timeline: what is deleted for me is left out, and not quoted; a reply has what it answers", () => {
  const hidden = { ...message(1, "2", NOON), content: { type: "hidden" } };
  const reply = (seq: number, replyTo: number) => {
    const plain = message(seq, "2", NOON);
    return { ...plain, content: { ...plain.content, replyTo } };
  };
  const messages = [hidden, message(2, "2", NOON), reply(3, 1), reply(4, 2), reply(5, 99)];
  const lines = timeline({ ...NOTHING, messages, events: [event(6, NOON)] });
  assert.deepEqual(sketch(lines), ["day", "message*", "message", "message", "message", "event"]);
  const quoted = lines.map((line) => line.kind === "message" ? line.quoted?.seq : undefined);
  assert.deepEqual(quoted, [undefined, undefined, undefined, 2, undefined, undefined]);
});

Deno.test("timeline: a line stands before the first of others that is new, under its day; none before one's own", () => {
  const messages = [message(1, "2", NOON), message(2, "1", NOON), message(3, "2", NOON + 24 * 60 * MINUTE)];
  const of = (unreadAfter: number | null) => sketch(timeline({ ...NOTHING, messages, unreadAfter }));
  assert.deepEqual(of(1), ["day", "message*", "message*", "day", "unread", "message*"]);
  assert.deepEqual(of(0), ["day", "unread", "message*", "message*", "day", "message*"]);
  assert.deepEqual(of(3), of(null));
});

Deno.test("timeline: an answer has what it answers from further away, once that is known", () => {
  const far = message(1, "2", NOON);
  const answer = { ...message(90, "2", NOON), content: { type: "text", text: "as I said", replyTo: 1 } };
  const of = (quotes: [number, ViewMessage | null][]) => {
    const line = timeline({ ...NOTHING, messages: [answer], quotes: new Map(quotes) })[1];
    return line.kind === "message" && [line.replyTo, line.quoted?.seq];
  };
  assert.deepEqual([of([]), of([[1, null]]), of([[1, far]])], [[1, undefined], [1, undefined], [1, 1]]);
});
