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
  // By the chat's own button, and a key; by whom and of what kind.
  await bob.button(bob.words.found.inChat).click();
  await eventually(() => bob.search.evaluate((input) => input === document.activeElement), true);
  await eventually(() => found.locator("mark").count(), 1);
  await eventually(() => found.getByLabel(bob.words.found.here).isChecked(), true);
  await bob.composer.focus();
  await page.keyboard.press("/");
  assert.equal(await bob.composer.inputValue(), "/", "where one writes it is a sign");
  await bob.composer.fill("");
  await page.locator(".messages").focus();
  await page.keyboard.press("/");
  await eventually(() => found.locator("mark").count(), 2);
  await found.getByRole("button", { name: bob.words.found.filters }).click();
  await found.getByLabel(bob.words.found.mine).check();
  await found.getByText(bob.words.found.none("harbour")).waitFor();
  await found.getByLabel(bob.words.found.mine).uncheck();
  await found.getByLabel(bob.words.found.kind).selectOption("image");
  await found.getByText(bob.words.found.none("harbour")).waitFor();
  await found.getByLabel(bob.words.found.kind).selectOption("text");
  await eventually(() => found.locator("mark").count(), 2);
  await found.getByLabel(bob.words.found.to).fill("2020-01-01");
  await found.getByText(bob.words.found.none("harbour")).waitFor();
  await found.getByLabel(bob.words.found.to).fill("");
  await eventually(() => found.locator("mark").count(), 2);
  await bob.search.fill("上海");
  await eventually(() => found.locator("mark").allInnerTexts(), ["上海"]);
  await found.getByRole("link").click();
  await page.locator(".flash").getByText("我们在上海见面").waitFor();
  assert.equal(await bob.search.inputValue(), "");
  await bob.search.fill("no such words");
  await found.getByText(bob.words.found.none("no such words")).waitFor();
});
