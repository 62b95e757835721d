import assert from "node:assert/strict";
import { eventually } from "../support/browser.ts";
import { scene } from "./scene.ts";

scene("messages of all chats are found by their words, and a find leads to its place", async ({ join }) => {
  const [alice, bob] = await Promise.all([
    join({ username: "alice", displayName: "Alice" }),
    join({ username: "bob", displayName: "Bob" }, { locale: "zh-CN" }),
  ]);
  await alice.find("bob", "Bob");
  await alice.say("the harbour at dawn", "我们在上海见面", "something else");
  await alice.makeGroup("Trip", [{ query: "bob", displayName: "Bob" }]);
  await alice.say("which harbour?");
  await bob.open("Trip");
  await bob.sees("which harbour?");
  const { page } = bob;
  const found = page.getByTestId("found-messages");
  await bob.search.fill("harbour");
  await eventually(() => found.locator("mark").allInnerTexts(), ["harbour", "harbour"]);
  await found.getByLabel(bob.words.found.here).check();
  await eventually(() => found.locator("mark").count(), 1);
  await found.getByLabel(bob.words.found.here).uncheck();
  await bob.search.fill("上海");
  await eventually(() => found.locator("mark").allInnerTexts(), ["上海"]);
  await found.getByRole("link").click();
  await page.locator(".flash").getByText("我们在上海见面").waitFor();
  assert.equal(await bob.search.inputValue(), "");
  await bob.search.fill("no such words");
  await found.getByText(bob.words.found.none("no such words")).waitFor();
});
