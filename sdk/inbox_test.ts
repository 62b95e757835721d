import assert from "node:assert/strict";
import { ImError } from "../wire/errors.ts";
import type { InboxEntry } from "../wire/schemas.ts";
import { Inbox } from "./inbox.ts";

const tick = () => new Promise((resolve) => setTimeout(resolve, 0));

function entry(seq: number): InboxEntry {
  return { seq, kind: "conversation.joined", senderId: "2", at: 0, content: { conversationId: `${seq}` } };
}

/** A server whose inbox grows by `add`, and an Inbox that reads it; `gate` holds answers back. */
function setUp() {
  const stored: InboxEntry[] = [];
  const seen: number[] = [];
  const control = { gate: Promise.resolve(), down: false };
  const inbox = new Inbox({
    async read({ after }) {
      if (control.down) throw new ImError("unavailable");
      const answer = { entries: stored.slice(after, after + 2), lastSeq: stored.length };
      await control.gate;
      return answer;
    },
    onEntry: ({ seq }) => void seen.push(seq),
  });
  const add = () => (stored.push(entry(stored.length + 1)), stored[stored.length - 1]);
  return { stored, seen, control, inbox, add };
}

Deno.test("inbox: what was there at the first connection is not told; what comes then is, lost pushes too", async () => {
  const { seen, inbox, add } = setUp();
  add();
  inbox.sync(false);
  await tick();
  assert.deepEqual(seen, []);
  inbox.push([add()]);
  assert.deepEqual(seen, [2]);
  add();
  add();
  add();
  // The connection was lost and came back.
  inbox.sync(false);
  await tick();
  await tick();
  assert.deepEqual(seen, [2, 3, 4, 5]);
  inbox.push([entry(5)]);
  assert.deepEqual(seen, [2, 3, 4, 5], "none twice");
  inbox.close();
});

Deno.test("inbox: an entry pushed while its place is being asked for is told", async () => {
  const { seen, control, inbox, add } = setUp();
  const gate = Promise.withResolvers<void>();
  control.gate = gate.promise;
  inbox.sync(false);
  await tick();
  inbox.push([add()]);
  add();
  gate.resolve();
  await tick();
  // Nothing says that the second came: the next push or connection does.
  inbox.push([add()]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual(seen, [1, 2, 3]);
  inbox.close();
});

Deno.test("inbox: an entry pushed after the answer about its place was made, and before that came, is told unasked", async () => {
  const { seen, control, inbox, add } = setUp();
  const gate = Promise.withResolvers<void>();
  control.gate = gate.promise;
  inbox.sync(false);
  await tick();
  inbox.push([add()]);
  gate.resolve();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual(seen, [1]);
  inbox.close();
});

Deno.test("inbox: of another store it begins at the end again; a place that could not be asked for is asked again", async () => {
  const { seen, stored, control, inbox, add } = setUp();
  add();
  add();
  control.down = true;
  inbox.sync(false);
  await tick();
  control.down = false;
  inbox.sync(false);
  await tick();
  inbox.push([add()]);
  assert.deepEqual(seen, [3]);
  // A backup was restored.
  stored.length = 1;
  inbox.sync(true);
  await tick();
  inbox.push([add()]);
  assert.deepEqual(seen, [3, 2]);
  inbox.close();
});

Deno.test("inbox: its place is asked for until it comes, while the connection stands", async () => {
  const { seen, control, inbox, add } = setUp();
  control.down = true;
  inbox.sync(false);
  await tick();
  assert.equal(inbox.hasBegun, false);
  inbox.push([add()]);
  control.down = false;
  while (!inbox.hasBegun) await new Promise((resolve) => setTimeout(resolve, 20));
  inbox.push([add()]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual(seen, [1, 2]);
  inbox.close();
});
