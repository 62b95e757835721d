import assert from "node:assert/strict";
import { mentionsIn } from "./mentions_in.ts";

const PICKED = [["Bo", "1"], ["Bob", "2"], ["小波", "3"], ["everyone", ""], ["Al (work)", "4"]] as const;
const idsIn = (words: string) => mentionsIn(words, PICKED).userIds;

Deno.test("mentions: the longest name that stands there is meant, and a name ends where its word does", () => {
  assert.deepEqual(idsIn("@Bob and @Bo, hello"), ["2", "1"]);
  assert.deepEqual(mentionsIn("@Bobby", PICKED).userIds, []);
  assert.deepEqual(mentionsIn("@Bob", [["Bo", "1"]]).userIds, [], "Bo is not meant by @Bob");
  assert.deepEqual(idsIn("@小波你好"), ["3"], "Chinese has no spaces");
  assert.deepEqual(idsIn("@Bob你好"), ["2"]);
  assert.deepEqual(idsIn("@Al (work)and"), ["4"]);
});

Deno.test("mentions: who was erased, or stands without an @, is not meant; each is once; everyone is apart", () => {
  assert.deepEqual(mentionsIn("Bob, look", PICKED), { userIds: [], everyone: false });
  assert.deepEqual(mentionsIn("@Bob @Bob @everyone", PICKED), { userIds: ["2"], everyone: true });
});
