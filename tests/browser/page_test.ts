import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
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

scene(
  "phone: where no menu comes by itself, a finger that rests opens one when it is lifted",
  async ({ join }) => {
    const [, alice] = await Promise.all([join(BOB), join(ALICE, PHONE)]);
    const { page, words } = alice;
    await alice.find("bob", "Bob");
    await alice.say("held", "See https://example.org/");
    await alice.sees("held", "See https://example.org/");
    // As on a phone whose browser has no menu of its own: touches of the page's own making bring none about.
    const touch = (type: string, on: Locator, x: number) =>
      on.evaluate((target, [type, x]) => {
        const touch = new Touch({ identifier: 1, target, clientX: Number(x), clientY: 300 });
        const touches = type === "touchend" ? [] : [touch];
        const event = new TouchEvent(`${type}`, { bubbles: true, cancelable: true, touches });
        return target.dispatchEvent(event);
      }, [type, x]);
    const hold = async (on: Locator, ms: number, slip = 0) => {
      await touch("touchstart", on, 100);
      if (slip) await touch("touchmove", on, 100 + slip);
      await page.waitForTimeout(ms);
      return await touch("touchend", on, 100);
    };
    const message = page.getByTestId("message-text").filter({ hasText: "held" });
    const menu = page.getByRole("menu");
    assert.equal(await hold(message, 100), true, "a tap is a tap");
    assert.equal(await hold(message, 600, 30), true, "who scrolls holds nothing");
    assert.equal(
      await hold(page.getByRole("link", { name: "example.org" }), 600),
      true,
      "a link has a menu of its own",
    );
    assert.equal(await menu.count(), 0);
    assert.equal(await hold(message, 600), false, "no click comes after it");
    await menu.getByRole("menuitem", { name: words.message.reply, exact: true }).click();
    await page.getByTestId("compose-bar").getByText("held").waitFor();
    await alice.button(words.backToList).tap();
    assert.equal(await hold(alice.row("Bob"), 600), false);
    await menu.getByRole("menuitem", { name: words.pin, exact: true }).click();
    await alice.row("Bob").getByText(words.pinned).waitFor({ state: "attached" });
  },
);

scene("tablet: the list and the chat; what is beside a chat lies over it", async ({ join }) => {
  const size = { width: 820, height: 1180 };
  const TABLET = { viewport: size, hasTouch: true, isMobile: true, reducedMotion: "reduce" as const };
  const [, alice] = await Promise.all([join(BOB), join(ALICE, { ...TABLET, locale: "zh-CN" })]);
  const { page, words } = alice;
  await alice.find("bob", "Bob");
  await alice.say("Hello");
  const [list, chat] = [await boxOf(page.locator(".sidebar")), await boxOf(page.getByRole("main"))];
  assert.ok(list.width >= 250 && list.x + list.width <= chat.x + 1, "side by side");
  assert.ok(chat.x + chat.width <= 821);
  await fits(page);
  await alice.button(words.groups.details).tap();
  const details = await boxOf(page.getByTestId("details"));
  assert.deepEqual(await boxOf(page.getByRole("main")), chat, "nothing moves");
  assert.ok(details.x > chat.x && details.x + details.width <= 821, "over the chat");
  await page.getByTestId("details").getByRole("button", { name: words.close }).tap();
  await page.getByTestId("details").waitFor({ state: "detached" });
  await alice.go("settings");
  await fits(page);
  // Turned upright it is a phone's width in a split screen.
  await alice.go("chats");
  await alice.row("Bob").tap();
  await page.setViewportSize({ width: 600, height: 820 });
  await eventually(() => alice.list.isVisible(), false);
  await alice.composer.waitFor();
  await fits(page);
});

scene("desktop: three columns, and Ctrl K goes from one chat to another", async ({ join }) => {
  const DESKTOP = { viewport: { width: 1440, height: 900 } };
  const [alice] = await Promise.all([
    join(ALICE, DESKTOP),
    join(BOB),
    join({ username: "carol", displayName: "Carol 卡罗" }),
  ]);
  const { page, words } = alice;
  for (const [query, name] of [["carol", "Carol 卡罗"], ["bob", "Bob"]]) {
    await alice.find(query, name);
    await alice.say(`Hello ${name}`);
  }
  await alice.button(words.groups.details).click();
  const columns = [page.locator(".sidebar"), page.getByRole("main"), page.getByTestId("details")];
  const boxes = await Promise.all(columns.map(boxOf));
  for (const [i, { x, width }] of boxes.entries()) {
    assert.ok(width >= 280 && x + width <= (boxes[i + 1]?.x ?? 1440) + 1, `column ${i}: ${x} + ${width}`);
  }
  await fits(page);

  await page.keyboard.press("Control+k");
  const switcher = page.getByRole("dialog", { name: words.switchTo });
  const field = switcher.getByRole("combobox");
  await eventually(() => field.evaluate((one) => one === document.activeElement), true);
  const found = () =>
    switcher.getByRole("option").allInnerTexts().then((all) => all.map((one) => one.trim()));
  await eventually(async () => (await found()).length, 2);
  await field.fill("卡");
  await eventually(async () => (await found()).length, 1);
  await page.keyboard.press("Enter");
  await alice.sees("Hello Carol 卡罗");
  await page.keyboard.press("Control+k");
  await eventually(() => field.evaluate((one) => one === document.activeElement), true);
  await field.fill("nobody");
  await switcher.getByText(words.noChatFound).waitFor();
  await page.keyboard.press("Escape");
  await switcher.waitFor({ state: "detached" });
  await alice.sees("Hello Carol 卡罗");
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

async function boxOf(one: Locator) {
  await one.waitFor();
  return (await one.boundingBox())!;
}
