import assert from "node:assert/strict";
import { disturbs } from "./disturbs.ts";

Deno.test("a conversation that is not to disturb is silent, but for mentions of the reader, if they want that", () => {
  const plain = { content: { type: "text", text: "hi" } };
  const me = { content: { type: "text", text: "@me", mentions: { userIds: ["2", "1"] } } };
  const other = { content: { type: "text", text: "@other", mentions: { userIds: ["2"] } } };
  const all = { content: { type: "text", text: "@all", mentions: { everyone: true } } };
  const heard = (muted: boolean, mentionsPass: boolean) =>
    [plain, me, other, all].map((entry) => disturbs(entry, { muted, myId: "1", mentionsPass }));
  assert.deepEqual(heard(false, false), [true, true, true, true]);
  assert.deepEqual(heard(true, true), [false, true, false, true]);
  assert.deepEqual(heard(true, false), [false, false, false, false]);
});
