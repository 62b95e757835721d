import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually } from "../support/browser.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice Liddell" };
const BOB = { username: "bob", displayName: "Bob" };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

scene("the page's security policy holds, and these tests would notice", async ({ arrive }) => {
  const mallory = await arrive();
  await mallory.button("New here? Create an account").waitFor();
  assert.deepEqual(mallory.takeProblems(), []);
  await mallory.page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'owned'";
    document.body.append(script);
    // In an event of the page's own, where the policy is not lifted for the debugger.
    setTimeout(() => new Function("document.title = 'owned'")());
    setTimeout(() => {
      throw new Error("a page error");
    });
    await fetch("http://127.0.0.2:9/").catch(() => {});
    open("http://127.0.0.3:9/");
  });
  const wanted = [
    /inline script/,
    /EvalError/,
    /127\.0\.0\.2/,
    /another host: .*127\.0\.0\.3/,
    /a page error/,
  ];
  const problems: string[] = [];
  const missing = () => {
    problems.push(...mallory.takeProblems());
    return Promise.resolve(wanted.filter((what) => !problems.some((problem) => what.test(problem))));
  };
  await eventually(missing, []);
  assert.equal(await mallory.page.title(), "IMServer");
});

scene("phone: one column, the list or the chat, and nothing wider than the screen", async ({ join }) => {
  const [bob, alice] = await Promise.all([join(BOB), join(ALICE, PHONE)]);
  const { page } = alice;
  const [list, chat] = [page.getByRole("navigation", { name: "Conversations" }), page.getByRole("main")];
  const shown = async () => [await list.isVisible(), await chat.isVisible()];
  await eventually(shown, [true, false]);
  await fits(page);

  await alice.find("bob", "Bob");
  await eventually(shown, [false, true]);
  await alice.say(
    "A".repeat(200),
    "https://example.org/a/path/that/is/long/and/has/no/place/to/break/at/all",
  );
  await fits(page);
  const { x, width } = (await alice.composer.boundingBox())!;
  assert.ok(x >= 0 && x + width <= 390);

  await page.goBack();
  await eventually(shown, [true, false]);
  await fits(page);
  await alice.row("Bob").tap();
  await eventually(shown, [false, true]);
  await alice.button("Back to the conversations").tap();
  await eventually(shown, [true, false]);

  await bob.open("Alice Liddell");
  await bob.say("Hi!");
  await eventually(() => alice.unread(), ["1"]);
  await page.getByRole("link", { name: "Settings" }).tap();
  await page.getByRole("link", { name: "Appearance" }).tap();
  await page.getByRole("heading", { name: "Appearance" }).waitFor();
  await fits(page);
  await alice.button("Back").tap();
  await fits(page);
  await page.locator(".rail").getByRole("link", { name: "Chats" }).tap();
  await alice.button("New group").tap();
  await page.getByRole("dialog").waitFor();
  await fits(page);
});

scene("language and appearance change at once, and are remembered", async ({ join }) => {
  const [alice] = await Promise.all([join(ALICE), join(BOB)]);
  const { page } = alice;
  await alice.find("bob", "Bob");
  await alice.say("Hello");
  await alice.composer.fill("half a thought");
  let loads = 0;
  page.on("load", () => loads++);
  const settings = page.getByRole("main");
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();

  await alice.openSettings("Appearance");
  await settings.getByText("中文").click();
  alice.language = "zh-CN";
  await page.getByRole("heading", { name: "设置", exact: true }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
  await alice.go("chats");
  await alice.row("Bob").getByText(`${alice.words.draft} half a thought`).waitFor();
  await alice.open("Bob");
  assert.equal(await alice.composer.inputValue(), "half a thought");
  await alice.openSettings("外观");
  await settings.getByText("深色").click();
  assert.notEqual(await paper(), light);
  await settings.getByText("English").click();
  alice.language = "en";
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await settings.getByText("中文").click();
  alice.language = "zh-CN";
  assert.equal(loads, 0);

  await alice.go("chats");
  await alice.open("Bob");
  await page.reload();
  await alice.sees("Hello");
  assert.notEqual(await paper(), light);
  await page.getByRole("heading", { name: "会话", exact: true }).waitFor();
});

/** No sideways scrolling, of the page or of anything on it. */
async function fits(page: Page): Promise<void> {
  const wide = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("#app *")]
      .filter((element) =>
        element.scrollWidth > element.clientWidth && /auto|scroll/.test(getComputedStyle(element).overflowX)
      )
      .concat(document.documentElement.scrollWidth > innerWidth ? [document.documentElement] : [])
      .map((element) => element.outerHTML.slice(0, 100))
  );
  assert.deepEqual(wide, []);
}
