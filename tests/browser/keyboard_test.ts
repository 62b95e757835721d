import assert from "node:assert/strict";
import { DICTIONARIES } from "../../web/text/languages.ts";
import { eventually } from "../support/browser.ts";
import type { Person } from "./person.ts";
import { scene } from "./scene.ts";

/** The main path without a mouse: every step is a key, and the focus is where a person expects it. */

scene(
  "by keyboard alone: register, find, write, edit, answer, react, forward, group, settings, leave",
  async ({ arrive, join }) => {
    const bob = await join({ username: "bob", displayName: "Bob" });
    const ann = await arrive();
    const { page, words } = ann;
    const keys = page.keyboard;
    const m = words.message;

    await page.getByRole("heading", { name: words.logIn }).waitFor();
    await focused(ann, words.username);
    await tabTo(ann, words.toRegister);
    await keys.press("Enter");
    await page.getByRole("heading", { name: words.register }).waitFor();
    await focused(ann, words.username);
    await keys.type("ann");
    await tabTo(ann, words.password);
    await keys.type("correct horse battery");
    await tabTo(ann, words.displayName);
    await keys.type("Ann");
    await keys.press("Enter");
    await ann.search.waitFor();

    // Found, opened, written to.
    await keys.press("/");
    await focused(ann, words.search);
    await keys.type("bob");
    await page.getByTestId("search-results").getByRole("button").filter({ hasText: "Bob" }).waitFor();
    await tabTo(ann, "Bob");
    await keys.press("Enter");
    await focused(ann, words.writeMessage);
    await keys.type("helo Bob");
    await keys.press("Enter");
    await ann.sees("helo Bob");

    // The last one can be edited at once.
    await keys.press("ArrowUp");
    await focused(ann, words.writeMessage);
    await eventually(() => ann.composer.inputValue(), "helo Bob");
    await keys.press("Home");
    for (let n = 0; n < 3; n++) await keys.press("ArrowRight");
    await keys.type("l");
    await keys.press("Enter");
    await ann.sees("hello Bob");

    await bob.open("Ann");
    await bob.say("hi Ann", "how are you?");
    await ann.sees("hello Bob", "hi Ann", "how are you?");

    // To the messages; the arrows go from one to the next, letters act on it.
    await keys.press("F6");
    await onMessage(ann, "how are you?");
    await keys.press("ArrowUp");
    await onMessage(ann, "hi Ann");
    await keys.press("ArrowDown");
    await onMessage(ann, "how are you?");
    await keys.press("r");
    await focused(ann, words.writeMessage);
    await page.getByText(m.replyingTo("Bob")).waitFor();
    await keys.type("fine");
    await keys.press("Enter");
    await ann.sees("hello Bob", "hi Ann", "how are you?", "fine");
    await page.getByTestId("quote").getByText("how are you?").waitFor();

    await keys.press("F6");
    await onMessage(ann, "fine");
    await keys.press("ArrowUp");
    await keys.press("ArrowUp");
    await keys.press("a");
    await focused(ann, m.searchEmoji);
    await keys.type("popper");
    await page.getByTestId("emoji-picker").getByRole("button", { name: "🎉" }).waitFor();
    await keys.press("Tab");
    await keys.press("Enter");
    await bob.page.getByTestId("message").filter({ hasText: "hi Ann" }).getByRole("button", { name: "🎉" })
      .waitFor();
    await onMessage(ann, "hi Ann");

    // What is deleted hands the focus to its neighbour.
    await keys.press("Delete");
    await page.getByRole("dialog").waitFor();
    await tabTo(ann, m.hide);
    await keys.press("Enter");
    await ann.sees("hello Bob", "how are you?", "fine");
    await onMessage(ann, "how are you?");
    await keys.press("Enter");
    await page.getByRole("menu").waitFor();
    await focused(ann, m.reply);
    await keys.press("Escape");
    await onMessage(ann, "how are you?");
    await keys.press("Escape");
    await focused(ann, words.writeMessage);

    // A group; back and forth between conversations; one message goes on to the other.
    await tabTo(ann, words.newGroup, "Shift+Tab");
    await keys.press("Enter");
    await page.getByRole("dialog").waitFor();
    await focused(ann, words.groupTitle);
    await keys.type("Team");
    await tabTo(ann, words.addPeople);
    await keys.type("bob");
    await ann.button(words.addPerson("Bob")).waitFor();
    await tabTo(ann, words.addPerson("Bob"));
    await keys.press("Enter");
    await tabTo(ann, words.createGroup);
    await keys.press("Enter");
    await page.getByRole("main").getByRole("heading").filter({ hasText: "Team" }).waitFor();
    await focused(ann, words.writeMessage);
    await keys.press("Alt+ArrowDown");
    await page.getByRole("main").getByRole("heading").filter({ hasText: "Bob" }).waitFor();
    await focused(ann, words.writeMessage);
    await keys.press("F6");
    await keys.press("f");
    await focused(ann, m.findChat);
    await keys.type("Team");
    await tabTo(ann, "Team");
    await keys.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await bob.open("Team");
    await bob.sees("fine");

    // All of it is listed.
    await onMessage(ann, "fine");
    await keys.press("?");
    const list = page.getByRole("dialog", { name: words.shortcutsTitle });
    for (const label of [m.reply, m.edit, m.react, m.forward, m.hide, words.toMessages, words.toWrite]) {
      await list.getByText(label, { exact: true }).waitFor();
    }
    await keys.press("Escape");
    await onMessage(ann, "fine");

    // Out of the group by its details.
    await keys.press("Alt+ArrowUp");
    await page.getByRole("main").getByRole("heading").filter({ hasText: "Team" }).waitFor();
    await focused(ann, words.writeMessage);
    await tabTo(ann, words.groups.details, "Shift+Tab");
    await keys.press("Enter");
    await page.getByTestId("details").waitFor();
    await tabTo(ann, words.groups.leave);
    await keys.press("Enter");
    await page.getByRole("dialog").waitFor();
    await tabTo(ann, words.groups.leave);
    await keys.press("Enter");
    await eventually(() => ann.list.getByRole("link").filter({ hasText: "Team" }).count(), 0);

    // The settings, their language and their look.
    await keys.press("Alt+,");
    await page.getByRole("heading", { level: 1, name: words.settings }).waitFor();
    await tabTo(ann, words.appearance);
    await keys.press("Enter");
    await page.getByRole("heading", { level: 2, name: words.appearance }).waitFor();
    await tabTo(ann, "English");
    await keys.press("ArrowRight");
    await eventually(() => page.locator("html").getAttribute("lang"), "zh-CN");
    await tabTo(ann, DICTIONARIES["zh-CN"].themeAuto);
    await keys.press("ArrowLeft");
    await eventually(() => page.locator("html").getAttribute("data-theme"), "dark");
    assert.deepEqual(ann.takeProblems(), []);
  },
);

/** What has the focus, by the name that a screen reader says. */
function focusName({ page }: Person): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null;
    // Nothing has it: the page holds every name.
    if (element === document.body) return "";
    const named = element?.getAttribute("aria-label") ?? element?.labels?.[0]?.innerText ??
      element?.innerText ?? "";
    return named.trim();
  });
}

const focused = (person: Person, name: string) =>
  eventually(async () => (await focusName(person)).split("\n")[0], name);

/** Presses Tab until that has the focus; more than a hundred times nobody would. */
async function tabTo(person: Person, name: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const passed: string[] = [];
  for (let n = 0; n < 100; n++) {
    const now = await focusName(person);
    if (n > 0 && (now === name || now.split("\n").includes(name))) return;
    passed.push(now);
    await person.page.keyboard.press(key);
  }
  assert.fail(`${name} is not reached: ${passed.map((one) => one.split("\n")[0]).join(" · ")}`);
}

/** A message has the focus. */
async function onMessage({ page }: Person, text: string): Promise<void> {
  const has = () =>
    page.evaluate(() =>
      document.activeElement?.querySelector("[data-testid=message-text]")?.textContent ?? null
    );
  await eventually(has, text);
}
