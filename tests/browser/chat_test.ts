import assert from "node:assert/strict";
import { eventually } from "../support/browser.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice Liddell" };
const BOB = { username: "bob", displayName: "Bob" };
const CAROL = { username: "carol", displayName: "Carol 卡罗" };

scene("two people register, find each other and chat live; a reload has the history", async ({ arrive }) => {
  const [alice, bob] = await Promise.all([arrive(), arrive()]);
  await Promise.all([alice.register(ALICE), bob.register(BOB)]);
  await alice.find("bo", "Bob");
  await alice.say("Hello Bob!", "Are you there?");

  // Bob sees that somebody wrote, and what, before he opens anything.
  await bob.row("Alice Liddell").getByText("Are you there?").waitFor();
  await eventually(() => bob.unread(), ["2"]);
  await eventually(() => bob.page.title(), "(2) IMServer");
  await bob.open("Alice Liddell");
  await eventually(() => bob.unread(), []);
  await eventually(() => bob.page.title(), "IMServer");

  await bob.say("Here I am.");
  await alice.sees("Hello Bob!", "Are you there?", "Here I am.");
  await alice.say("Good to see you.");
  const history = ["Hello Bob!", "Are you there?", "Here I am.", "Good to see you."];
  await bob.sees(...history);
  assert.deepEqual(await alice.unread(), [], "what is looked at is read");

  for (const person of [alice, bob]) {
    await person.page.reload();
    await person.sees(...history);
    await eventually(() => person.unread(), []);
  }
});

scene("two devices of one person: both hear it, and what one reads the other has read", async (scene) => {
  const [alice, desk] = await Promise.all([scene.join(ALICE), scene.join(BOB)]);
  const phone = await scene.arrive({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await phone.logIn(BOB);
  await alice.find("bob", "Bob");
  await alice.say("Lunch?");
  await eventually(() => phone.unread(), ["1"]);
  await desk.open("Alice Liddell");
  await eventually(() => phone.unread(), []);
  await desk.say("Gladly.");
  await phone.row("Alice Liddell").getByText("You: Gladly.").waitFor();
  await phone.open("Alice Liddell");
  await phone.sees("Lunch?", "Gladly.");
  assert.equal(await phone.page.locator(".mine").count(), 1, "one's own, whichever device said it");
});

scene("what looks like HTML or script is shown as it was written", async ({ join }) => {
  const hostile = [
    `<img src=x onerror="document.title='owned'">`,
    `<script>document.title = "owned"</script>`,
    `"><svg onload=alert(1)><a href="javascript:alert(1)">x</a>`,
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} &lt;b&gt;",
  ];
  const name = `<b onmouseover="alert(1)">Eve</b>`;
  const [eve, bob] = await Promise.all([join({ username: "eve", displayName: name }), join(BOB)]);
  for (const person of [eve, bob]) person.page.on("dialog", (dialog) => assert.fail(dialog.message()));
  await eve.makeGroup(`<i>Plans</i> ${hostile[0]}`, [{ query: "bob", displayName: "Bob" }]);
  await eve.say(...hostile);
  await bob.row("<i>Plans</i>").getByText(hostile[3]).waitFor();
  await bob.open("<i>Plans</i>");
  await bob.sees(...hostile);
  await bob.page.locator(".sender").filter({ hasText: name }).waitFor();
  await bob.search.fill("<b");
  await bob.page.getByTestId("search-results").getByText(name).waitFor();
  for (const person of [eve, bob]) {
    assert.equal(await person.page.title(), "IMServer");
    assert.equal(
      await person.page.locator("#app :is(script, img, b, i, [onload], [onerror], [onmouseover])").count(),
      0,
    );
  }
});

scene("a group of three: everybody sees the same, in the same order, by whom it is", async ({ join }) => {
  const [alice, bob, carol] = await Promise.all([join(ALICE), join(BOB, { locale: "zh-CN" }), join(CAROL)]);
  await alice.makeGroup("Launch 发布小组", [
    { query: "bob", displayName: BOB.displayName },
    { query: "CAROL", displayName: CAROL.displayName },
  ]);
  await alice.page.getByText("You created the group").waitFor();
  await alice.say("Welcome both.");
  await bob.open("发布小组");
  await carol.open("发布小组");
  await bob.page.getByText("Alice Liddell 创建了群聊").waitFor();
  await bob.page.getByText("3 位成员").waitFor();
  await bob.say("收到。");
  await carol.sees("Welcome both.", "收到。");
  // All at once now: whatever order it becomes, it is one order.
  await Promise.all(
    [alice, bob, carol].map((person, i) => person.say(...[1, 2, 3].map((n) => `${i}-${n}`))),
  );
  await eventually(async () => (await alice.texts()).length, 11);
  const order = await alice.texts();
  for (const person of [alice, bob, carol]) await person.sees(...order);
  for (const i of [0, 1, 2]) {
    assert.deepEqual(order.filter((text) => text.startsWith(`${i}-`)), [1, 2, 3].map((n) => `${i}-${n}`));
  }
  assert.deepEqual(
    new Set(await carol.page.locator(".sender").allInnerTexts()),
    new Set([ALICE.displayName, BOB.displayName]),
  );
});

scene(
  "keyboard: Enter sends, Shift+Enter is a new line, an input method keeps its Enter",
  async ({ join }) => {
    const [alice, bob] = await Promise.all([join(ALICE), join(BOB)]);
    await alice.search.focus();
    await alice.page.keyboard.type("bob");
    await alice.page.getByTestId("search-results").getByRole("button").filter({ hasText: "Bob" }).waitFor();
    await alice.page.keyboard.press("Tab");
    await alice.page.keyboard.press("Tab");
    await alice.page.keyboard.press("Enter");
    await alice.composer.waitFor();
    await eventually(() => alice.composer.evaluate((element) => element === document.activeElement), true);
    await alice.page.keyboard.type("two");
    await alice.page.keyboard.press("Shift+Enter");
    await alice.page.keyboard.type("lines");
    assert.deepEqual(await alice.texts(), []);
    await alice.page.keyboard.press("Enter");
    await alice.page.keyboard.press("Enter");
    await alice.sees("two\nlines");
    assert.equal(await alice.composer.inputValue(), "", "and nothing is left to send, so nothing is sent");

    // An input method: Enter takes the words as they stand, and the message is not sent yet.
    const cdp = await alice.context.newCDPSession(alice.page);
    await cdp.send("Input.imeSetComposition", { text: "ni hao", selectionStart: 6, selectionEnd: 6 });
    const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 };
    await cdp.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...enter });
    await cdp.send("Input.insertText", { text: "你好" });
    await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", ...enter });
    assert.equal(await alice.composer.inputValue(), "你好");
    assert.deepEqual(await alice.texts(), ["two\nlines"]);
    await alice.page.keyboard.press("Enter");
    await bob.open("Alice Liddell");
    await bob.sees("two\nlines", "你好");
  },
);
