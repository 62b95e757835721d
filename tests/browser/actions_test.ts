import assert from "node:assert/strict";
import { eventually } from "../support/browser.ts";
import type { Person } from "./person.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice" };
const BOB = { username: "bob", displayName: "Bob" };
const CARL = { username: "carl", displayName: "Carl" };

const message = (person: Person, text: string) =>
  person.page.getByTestId("message").filter({ has: person.page.getByTestId("message-text").getByText(text) });
/** Opens the menu of a message and presses an item. */
async function act(person: Person, text: string, item: string): Promise<void> {
  await message(person, text).getByTestId("message-text").click({ button: "right" });
  await person.page.getByRole("menuitem", { name: item, exact: true }).click();
}
const tick = (person: Person, text: string) =>
  message(person, text).getByTestId("tick").getAttribute("data-tick");
const chips = (person: Person, text: string) =>
  message(person, text).getByTestId("reactions").locator("[aria-hidden]").allInnerTexts();

scene("two people do to their messages all that can be done", async ({ join }) => {
  const [alice, bob] = await Promise.all([join(ALICE), join(BOB, { locale: "zh-CN" })]);
  const { page } = alice;
  await alice.find("bob", "Bob");
  await alice.say("first", "tow", "**bold** and `code`");
  // They have come to bob's list; he reads them when he opens the chat.
  await eventually(() => tick(alice, "first"), "delivered");
  await bob.open("Alice");
  await eventually(() => tick(alice, "tow"), "read");
  await page.getByTestId("message-text").locator("strong").getByText("bold", { exact: true }).waitFor();
  await page.getByTestId("message-text").locator("code").getByText("code").waitFor();
  await bob.row("Alice").getByText("bold and code").waitFor();

  // An answer, by the menu; bob's leads to what it answers.
  await act(bob, "first", bob.words.message.reply);
  await bob.page.getByTestId("compose-bar").getByText("first").waitFor();
  await bob.say("an answer");
  await message(alice, "an answer").getByTestId("quote").getByText("first").waitFor();
  assert.equal(await bob.page.getByTestId("compose-bar").count(), 0);

  // The last of one's own is edited from an empty line; what was begun stays.
  await act(alice, "tow", alice.words.message.edit);
  await alice.composer.fill("two");
  await alice.composer.press("Enter");
  await bob.sees("first", "two", "bold and code", "an answer");
  await message(bob, "two").getByRole("button", { name: bob.words.edited }).click();
  await eventually(() => bob.page.getByTestId("versions").getByTestId("message-text").allInnerTexts(), [
    "two",
    "tow",
  ]);
  await bob.page.keyboard.press("Escape");
  await bob.page.getByRole("dialog").waitFor({ state: "detached" });
  await bob.composer.press("ArrowUp");
  await eventually(() => bob.composer.inputValue(), "an answer");
  await bob.page.keyboard.press("Escape");
  await eventually(() => bob.composer.inputValue(), "");

  // Reactions: by the tools, by the chip, by the picker.
  await message(bob, "two").hover();
  await message(bob, "two").getByRole("button", { name: bob.words.message.reactWith("👍") }).click();
  await eventually(() => chips(alice, "two"), ["👍 1"]);
  await message(alice, "two").getByTestId("reactions").getByRole("button").click();
  await eventually(() => chips(bob, "two"), ["👍 2"]);
  await act(alice, "two", alice.words.message.react);
  const picker = page.getByTestId("emoji-picker");
  await picker.getByRole("searchbox").fill("rocket");
  await picker.getByRole("button", { name: "🚀", exact: true }).click();
  await eventually(() => chips(bob, "two"), ["👍 2", "🚀 1"]);
  await message(alice, "two").getByTestId("reactions").getByRole("button").first().click();
  await eventually(() => chips(bob, "two"), ["👍 1", "🚀 1"]);

  // Pinned: a bar leads to it.
  await act(alice, "first", alice.words.message.pin);
  await bob.page.getByTestId("pinned-bar").getByText("first").waitFor();
  await bob.page.getByTestId("pinned-bar").click();
  await bob.page.locator(".flash").waitFor();
  await act(bob, "first", bob.words.message.unpin);
  await page.getByTestId("pinned-bar").waitFor({ state: "detached" });

  // Deleted for oneself, recalled for everyone.
  await act(bob, "bold and code", bob.words.message.hide);
  await bob.page.getByRole("dialog").getByRole("button", { name: bob.words.message.hide }).click();
  await bob.sees("first", "two", "an answer");
  await act(alice, "two", alice.words.message.recall);
  await page.getByRole("dialog").getByRole("button", { name: alice.words.message.recall }).click();
  await bob.sees("first", bob.words.recalled, "an answer");

  // What is begun waits on every device.
  await alice.composer.fill("unfinished");
  const draft = async () =>
    ((await alice.request("GET", alice.conversation)).settings as { draft: string }).draft;
  await eventually(draft, "unfinished");
  await page.reload();
  await eventually(() => alice.composer.inputValue(), "unfinished");
  // It changes under the eyes of who has it open elsewhere; what was written without a connection is told with the next.
  const other = await alice.context.newPage();
  await other.goto(page.url());
  const elsewhere = other.getByRole("textbox", { name: alice.words.writeMessage });
  await eventually(() => elsewhere.inputValue(), "unfinished");
  alice.expect(/ERR_INTERNET_DISCONNECTED/);
  await alice.context.setOffline(true);
  await alice.composer.fill("unfinished business");
  await page.waitForTimeout(1_500);
  await alice.context.setOffline(false);
  await eventually(draft, "unfinished business");
  await eventually(() => elsewhere.inputValue(), "unfinished business");
  await other.close();
  await alice.composer.press("Control+a");
  await alice.page.keyboard.press("Delete");
  const shots = Deno.env.get("IMSERVER_SHOTS");
  if (shots) await alice.screenshot(`${shots}/actions.png`);
});

scene(
  "in a group people are mentioned, messages forwarded, and it is seen who has read",
  async ({ join }) => {
    const [alice, bob, carl] = await Promise.all([join(ALICE), join(BOB), join(CARL)]);
    await alice.makeGroup("Trip", [{ query: "bob", displayName: "Bob" }, {
      query: "carl",
      displayName: "Carl",
    }]);
    await alice.composer.pressSequentially("hi @Bo");
    await alice.page.getByRole("option").filter({ hasText: "Bob" }).waitFor();
    await alice.page.keyboard.press("Enter");
    await eventually(() => alice.composer.inputValue(), "hi @Bob ");
    await alice.composer.pressSequentially("look");
    await alice.page.keyboard.press("Enter");
    await bob.open("Trip");
    await bob.page.locator(".mention.me").getByText("@Bob").waitFor();
    await eventually(
      () => alice.page.getByTestId("tick").innerText().then((text) => text.startsWith("1")),
      true,
    );
    await alice.page.getByTestId("tick").click();
    const receipts = alice.page.getByRole("dialog", { name: alice.words.message.receipts });
    await receipts.getByText("Bob").waitFor();
    await receipts.getByText("Carl").waitFor();
    await alice.page.keyboard.press("Escape");

    // An edit keeps whom it still mentions, and lets go of whom it does not.
    const toBob = bob.page.locator(".message.to-me");
    await eventually(() => toBob.count(), 1);
    for (const [words, count] of [["hey @Bob look", 1], ["hey @Bobby look", 0]] as const) {
      await act(alice, "look", alice.words.message.edit);
      await alice.composer.fill(words);
      await alice.composer.press("Enter");
      await bob.page.getByTestId("message").first().getByText(words).waitFor();
      await eventually(() => toBob.count(), count);
    }

    await act(bob, "look", bob.words.message.forward);
    await bob.page.getByRole("dialog").getByRole("button").filter({ hasText: "Trip" }).click();
    await bob.page.getByText(bob.words.message.forwarded(1)).waitFor();
    await eventually(
      () => carl.row("Trip").innerText().then((text) => text.includes("hey @Bobby look")),
      true,
    );

    await alice.button(alice.words.message.emoji).click();
    await alice.page.getByTestId("emoji-picker").getByRole("button", { name: "🎉", exact: true }).first()
      .click();
    await alice.page.keyboard.press("Escape");
    await eventually(() => alice.composer.inputValue(), "🎉");
    await alice.composer.press("Enter");
    await eventually(() => carl.row("Trip").innerText().then((text) => text.includes("🎉")), true);
  },
);

scene(
  "several messages go on to another chat, one by one or as one, and several are deleted for oneself",
  async ({ join }) => {
    const [alice, bob, carl] = await Promise.all([join(ALICE), join(BOB), join(CARL)]);
    const { page, words: { message: m } } = alice;
    await alice.find("carl", "Carl");
    await alice.say("hi Carl");
    await alice.find("bob", "Bob");
    await alice.say("one", "two", "three");
    await alice.sees("one", "two", "three");
    await bob.open("Alice");
    await carl.open("Alice");

    const box = (text: string) => message(alice, text).getByRole("checkbox");
    await act(alice, "three", m.select);
    await box("one").check();
    await page.getByText(m.selected(2)).waitFor();
    await box("two").check();
    await box("two").uncheck();
    await look("selection");
    await alice.button(m.forward).click();
    await page.getByRole("dialog").getByRole("button").filter({ hasText: "Carl" }).click();
    await page.getByText(m.forwarded(2)).waitFor();
    await carl.sees("hi Carl", "one", "three");
    await alice.composer.waitFor();

    await act(alice, "two", m.select);
    await box("three").check();
    await alice.button(m.forward).click();
    await page.getByRole("switch", { name: m.asOne }).click();
    await page.getByRole("dialog").getByRole("button").filter({ hasText: "Carl" }).click();
    await page.getByText(m.forwarded(2)).last().waitFor();
    await carl.page.getByTestId("message").last().getByText("three").waitFor();
    await carl.page.getByTestId("message").last().getByText("two").waitFor();

    await act(alice, "one", m.select);
    await box("two").check();
    await alice.button(m.hide).click();
    await page.getByRole("dialog", { name: m.hideQuestion(2) }).getByRole("button", { name: m.hide }).click();
    await alice.sees("three");
    await bob.sees("one", "two", "three");
    await act(alice, "three", m.select);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    await eventually(focused, m.stopSelecting);
    await page.keyboard.press("Escape");
    await alice.composer.waitFor();

    async function look(name: string) {
      const shots = Deno.env.get("IMSERVER_SHOTS");
      if (shots) await alice.screenshot(`${shots}/${name}.png`);
    }
  },
);
