import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually } from "../support/browser.ts";
import { fillWithPayloads, FIRST_ID, GALLERY, makeAdmin } from "./hostile_world.ts";
import { adminEn as admin } from "../../web/admin/words_en.ts";
import { intruders, shownMarks, watchForIntruders } from "./intruder_watch.ts";
import { scene } from "./scene.ts";
import { invite } from "./stories.ts";
import { PAYLOADS } from "./xss_payloads.ts";

scene("hundreds of payloads in names, titles, messages and files do nothing but be read", async (scene) => {
  assert.ok(PAYLOADS.length >= 200 && new Set(PAYLOADS).size === PAYLOADS.length);
  const victim = (await invite(scene.server.url, { victim: "Victim" })).get("victim")!;
  let marks: string[] = [];
  await scene.restart(() => {
    marks = fillWithPayloads(scene.dataDir, victim.id, PAYLOADS);
    makeAdmin(scene.dataDir, victim.id);
    return Promise.resolve();
  });
  const person = await scene.arrive();
  const { page } = person;
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await watchForIntruders(person.context);
  await page.goto(`${scene.server.url}/#/chat/${GALLERY}`);
  await page.reload();
  await person.logIn({ username: "victim" });
  await person.composer.waitFor();
  // All names and titles, then all messages.
  const missing = (kinds: RegExp) => async () => {
    const shown = new Set(await shownMarks(page));
    return marks.filter((mark) => kinds.test(mark) && !shown.has(mark)).length;
  };
  await eventually(async () => {
    const more = person.button(person.words.loadMore);
    if (await more.isVisible()) await more.click();
    return await missing(/^g/)();
  }, 0);
  // It opens where it is new, which is its beginning.
  await page.locator("button.newest").click();
  await eventually(
    async () => {
      await scrollUp(page);
      return await missing(/^[ntmfe]/)();
    },
    0,
    120_000,
  );

  // What some of the groups say of themselves, in their details.
  for (let i = 0; i < PAYLOADS.length; i += 60) {
    await page.evaluate((id) => location.hash = `#/chat/${id}`, String(FIRST_ID + i));
    await page.getByRole("main").getByRole("heading").filter({ hasText: `⟦g${i}⟧` }).waitFor();
    await person.button(person.words.groups.details).click();
    await page.getByTestId("group-details").getByText(`⟦g${i}⟧`).nth(2).waitFor();
    await page.getByTestId("group-members").getByRole("list").waitFor();
  }

  // What an admin sees of some of them, and does to one.
  const isAt = async (hash: string, testId: string, mark: string) => {
    await page.evaluate((hash) => location.hash = hash, hash);
    await page.getByTestId(testId).getByText(mark).first().waitFor();
    assert.deepEqual(await intruders(page), []);
  };
  const last = PAYLOADS.length - 1;
  await isAt("#/admin/users", "users", "⟦n30⟧");
  await isAt(`#/admin/users/${FIRST_ID + 7}`, "user-card", "⟦n7⟧");
  await page.getByRole("button", { name: admin.disable, exact: true }).click();
  await page.getByLabel(admin.reason).fill(`⟦n0⟧ ${PAYLOADS[0]}`.slice(0, 200));
  await page.getByRole("dialog").getByRole("button", { name: admin.disable, exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await isAt("#/admin/groups", "groups", `⟦g${last}⟧`);
  await isAt(`#/admin/groups/${FIRST_ID + last}`, "group-card", `⟦g${last}⟧`);
  await isAt("#/admin/audit", "audit", "⟦n0⟧");

  assert.deepEqual(await intruders(page), []);
  assert.deepEqual(dialogs, []);
  assert.doesNotMatch(await page.title(), /owned/);
});

scene("the watch over the page would notice", async ({ arrive }) => {
  const { context, page } = await arrive();
  await watchForIntruders(context);
  await page.reload();
  await page.locator("#app").evaluate((app) => {
    const add = (tag: string, attributes: Record<string, string>) => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      app.append(element);
    };
    add("a", { href: "javascript:void 0" });
    add("a", { href: " java\tscript:void 0" });
    add("a", { href: "https://example.org/" });
    add("math", {});
    add("b", { onclickx: "x" });
    app.append("⟦t1⟧");
  });
  const wanted = [/^href of .*javascript:/, /^href of .*java\tscript/, /^<math/, /^onclickx of/];
  await eventually(async () => {
    const found = await intruders(page);
    return [found.length, ...wanted.map((what) => found.some((one) => what.test(one)))];
  }, [4, true, true, true, true]);
  assert.deepEqual(await shownMarks(page), ["t1"]);
});

/** By less than what is seen, so that nothing is passed over in a list that keeps only what is near. */
async function scrollUp(page: Page): Promise<void> {
  await page.locator(".messages").evaluate(async (list) => {
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    for (let step = 0; step < 20 && list.scrollTop > 0; step++) {
      list.scrollTop -= Math.max(100, list.clientHeight * 0.8);
      await drawn();
    }
  });
}
