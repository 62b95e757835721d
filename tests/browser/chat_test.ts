import assert from "node:assert/strict";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice Liddell" };
const BOB = { username: "bob", displayName: "Bob" };

scene("two people find each other, chat live both ways, and the history is there after a reload", async ({ join }) => {
  const alice = await join(ALICE);
  const bob = await join(BOB);
  await alice.find("bo", "Bob");
  await alice.say("Hello Bob!", "Are you there?");

  // Bob sees that somebody wrote, and what, before he opens anything.
  await bob.row("Alice Liddell").getByText("Are you there?").waitFor();
  assert.deepEqual(await bob.unread(), ["2"]);
  await bob.page.waitForFunction(() => document.title === "(2) IMServer");
});
