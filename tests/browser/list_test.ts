import assert from "node:assert/strict";
import { eventually } from "../support/browser.ts";
import type { Person } from "./person.ts";
import { scene } from "./scene.ts";

const BOB = { username: "bob", displayName: "Bob" };

scene(
  "what one does with conversations in the list: pinned, muted, read, archived, on all one's devices",
  async ({ join, arrive }) => {
    const [ann, bob, cleo] = await Promise.all([
      join({ username: "ann", displayName: "Ann" }),
      join(BOB),
      join({ username: "cleo", displayName: "Cleo" }),
    ]);
    await ann.find("bob", "Bob");
    await ann.say("the first");
    await cleo.find("bob", "Bob");
    await cleo.say("the second");
    const phone = await arrive({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      locale: "zh-CN",
    });
    await phone.logIn(BOB);
    const names = (person: Person) => person.list.locator(".row-name").allInnerTexts();
    await eventually(() => names(bob), ["Cleo", "Ann"]);

    await choose(bob, "Ann", bob.words.pin);
    for (const person of [bob, phone]) await eventually(() => names(person), ["Ann", "Cleo"]);
    await bob.row("Ann").getByText(bob.words.pinned).waitFor({ state: "attached" });

    await choose(bob, "Cleo", bob.words.mute);
    await phone.row("Cleo").getByText(phone.words.muted).waitFor({ state: "attached" });
    await eventually(() => bob.page.title(), "(1) IMServer");

    await choose(phone, "Ann", phone.words.markRead);
    await eventually(() => bob.unread(), ["1"]);
    await eventually(() => bob.page.title(), "IMServer");

    // What is archived is put away, and shows itself only while there is something new that may disturb.
    await choose(bob, "Ann", bob.words.archive);
    for (const person of [bob, phone]) await eventually(() => names(person), ["Cleo"]);
    await ann.say("are you there?");
    for (const person of [bob, phone]) await eventually(() => names(person), ["Ann", "Cleo"]);
    await choose(bob, "Ann", bob.words.markRead);
    await eventually(() => names(bob), ["Cleo"]);
    await choose(bob, "Cleo", bob.words.archive);
    await eventually(() => names(bob), []);
    await cleo.say("and you?");
    const { page } = bob;
    await bob.button(/^Archived/).click();
    const archive = page.getByTestId("archive");
    await eventually(() => archive.locator(".row-name").allInnerTexts(), ["Ann", "Cleo"]);
    await archive.getByText("and you?").waitFor();
    assert.deepEqual(await names(phone), [], "muted, it stays away");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), bob.words.archived);

    await archive.getByRole("link").filter({ hasText: "Ann" }).hover();
    await archive.getByRole("button", { name: bob.words.moreOf("Ann") }).click();
    await page.getByRole("menuitem", { name: bob.words.unarchive }).click();
    await eventually(() => names(phone), ["Ann"]);
    await archive.getByRole("link").filter({ hasText: "Cleo" }).click();
    await bob.sees("the second", "and you?");
    await bob.button(bob.words.archived).click();
    // Open, it is in the list.
    await eventually(() => names(bob), ["Ann", "Cleo"]);
  },
);

async function choose(person: Person, name: string, item: string): Promise<void> {
  // With a finger: held.
  await person.row(name).click({ button: "right" });
  await person.page.getByRole("menuitem", { name: item, exact: true }).click();
}
