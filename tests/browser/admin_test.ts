import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { adminEn as w } from "../../web/admin/words_en.ts";
import { adminZh as zh } from "../../web/admin/words_zh.ts";
import { eventually } from "../support/browser.ts";
import { linkOf } from "../support/first_admin.ts";
import { barriers } from "./axe.ts";
import type { Person } from "./person.ts";
import { scene } from "./scene.ts";
import type { Scene } from "./stage.ts";

/** The first admin, by the link that a new server prints. */
async function arriveAsAdmin({ server, arrive }: Scene): Promise<Person> {
  const boss = await arrive();
  const { page, words } = boss;
  await page.goto(`${server.url}/setup#${await linkOf(server)}`);
  await boss.fillAccount({ username: "boss", displayName: "Boss" });
  await boss.button(words.setupDone).click();
  await boss.search.waitFor();
  return boss;
}

/** Opens a part of the administration. */
async function part({ page }: Person, title: string): Promise<void> {
  await page.getByRole("link", { name: title, exact: true }).click();
  await page.getByRole("heading", { level: 2, name: title }).waitFor();
}

/** Presses a button of the account that is open, and then the one that does it. */
async function act(boss: Person, action: string, fill?: (dialog: Page) => Promise<void>): Promise<void> {
  await boss.page.getByRole("main").getByRole("button", { name: action, exact: true }).click();
  await fill?.(boss.page);
  const dialog = boss.page.getByRole("dialog");
  await dialog.getByRole("button", { name: action, exact: true }).click();
  await dialog.getByRole("heading", { name: action, exact: true }).waitFor({ state: "detached" });
}

/** Nothing keeps anyone out, light and dark; what is meant for a person's eyes is pictured where a folder is named. */
async function look(page: Page, name: string): Promise<void> {
  const found: string[] = [];
  const folder = Deno.env.get("IMSERVER_PICTURES");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    if (folder) {
      await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, animations: "disabled" });
    }
    found.push(...(await barriers(page)).map((one) => `${name}, ${colorScheme}: ${one}`));
  }
  await page.emulateMedia({ colorScheme: "light" });
  assert.deepEqual(found, []);
}

scene("an admin sees the server live, and what they do to accounts takes hold at once", async (scene) => {
  const boss = await arriveAsAdmin(scene);
  const [alice, bob] = await Promise.all([
    scene.join({ username: "alice", displayName: "Alice" }),
    scene.join({ username: "bob", displayName: "小波" }, { locale: "zh-CN" }),
  ]);
  const { page } = boss;
  assert.equal(await alice.page.getByRole("link", { name: "Admin" }).count(), 0);
  await alice.page.goto(`${scene.server.url}/#/admin/users`);
  await alice.page.getByText(w.notAdmin).waitFor();
  await alice.page.getByRole("link", { name: w.toChats }).click();

  // Figures that move while the others talk.
  await boss.go("admin");
  await part(boss, w.overview);
  const figure = async (label: string) => {
    const tile = page.getByTestId("figures").getByRole("listitem").filter({ hasText: label });
    return Number((await tile.getByTestId("figure").innerText()).replace(",", ""));
  };
  await eventually(() => figure(w.connections), 3);
  await alice.find("bob", "小波");
  const talk = setInterval(() => alice.say("hello").catch(() => {}), 100);
  try {
    await eventually(async () => await figure(w.messagesPerSecond) > 0.2, true);
    await eventually(async () => await figure(w.deliveriesPerSecond) > 0.2, true);
  } finally {
    clearInterval(talk);
  }
  assert.match(await page.locator(".sparkline path:not(.ground)").first().getAttribute("d") ?? "", /^M.+L/);
  await look(page, "overview");

  // Disabled: put out at once, and told why; then let in again.
  const open = async (query: string, name: string) => {
    await part(boss, w.users);
    await page.getByLabel(w.findUser).fill(query);
    await eventually(() => page.getByTestId("users").getByRole("link").count(), 1);
    await page.getByTestId("users").getByRole("link").filter({ hasText: name }).click();
    await page.getByTestId("user-card").getByRole("heading", { name }).waitFor();
  };
  const card = page.getByTestId("user-card");
  await part(boss, w.users);
  await eventually(() => page.getByTestId("users").getByRole("link").count(), 3);
  await look(page, "users");
  await open("ali", "Alice");
  // Reading goes on there.
  await eventually(() => page.evaluate(() => document.activeElement?.textContent ?? ""), "Alice");
  alice.expect(/ 40[13] /);
  await act(boss, w.disable, (page) => page.getByLabel(w.reason).fill("spam 广告"));
  await alice.page.getByText(alice.words.sessionEnded).waitFor();
  await card.getByText(w.disabled, { exact: true }).waitFor();
  await look(page, "user");
  await alice.fillAccount({ username: "alice" });
  await alice.button(alice.words.logIn).click();
  await alice.page.getByText("This account is disabled").waitFor();
  await act(boss, w.enable);
  await card.getByText(w.disabled, { exact: true }).waitFor({ state: "detached" });
  await alice.logIn({ username: "alice" });

  // A new password, by a link that is shown once.
  await page.reload();
  await act(boss, w.resetPassword);
  const link = page.getByRole("dialog").getByLabel(w.resetLink);
  const address = await link.inputValue();
  await look(page, "reset");
  await page.keyboard.press("Escape");
  await link.waitFor({ state: "detached" });
  await alice.page.getByText(alice.words.sessionEnded).waitFor();
  await alice.page.goto(address);
  await alice.page.getByRole("heading", { name: alice.words.reset.title }).waitFor();
  assert.equal(alice.page.url(), `${scene.server.url}/reset`, "the secret does not stay in the address");
  await look(alice.page, "new-password");
  await alice.page.getByLabel(alice.words.newPassword).fill("a better one");
  await alice.button(alice.words.reset.done).click();
  await alice.search.waitFor();
  await alice.page.goto(address);
  await alice.page.getByLabel(alice.words.newPassword).fill("another one");
  await alice.button(alice.words.reset.done).click();
  await alice.page.getByRole("alert").waitFor();
  await alice.page.reload();
  await alice.button(alice.words.toStart).click();
  await alice.search.waitFor();
  await page.reload();
  await act(boss, w.endSessions);
  await alice.page.getByText(alice.words.sessionEnded).waitFor();

  // Bob becomes an admin, in Chinese and on a phone; and is one no more in the middle of it.
  await open("bob", "小波");
  await act(boss, w.makeAdmin);
  await card.getByText(w.admin, { exact: true }).first().waitFor();
  await bob.page.reload();
  await bob.go("admin");
  await bob.page.setViewportSize({ width: 390, height: 844 });
  await part(bob, zh.overview);
  await bob.page.getByTestId("figures").waitFor();
  await look(bob.page, "overview-phone");
  await bob.button(bob.words.groups.back).click();
  await part(bob, zh.audit);
  await bob.page.getByTestId("audit").getByText("spam 广告").waitFor();
  await look(bob.page, "audit-phone");
  bob.expect(/ 403 /);
  await act(boss, w.unmakeAdmin);
  await bob.button(bob.words.groups.back).click();
  await bob.page.getByRole("link", { name: zh.users, exact: true }).click();
  await bob.page.getByText(zh.notAdmin).waitFor();
  bob.expect(/ 401 /);
  await act(boss, w.deleteUser);
  await bob.page.getByText(bob.words.sessionEnded).waitFor();
  await card.getByText("Deleted account").waitFor();
  await part(boss, w.users);
  await page.getByLabel(w.findUser).fill("boss");
  await eventually(() => page.getByTestId("users").getByRole("link").count(), 1);
  await page.getByTestId("users").getByRole("link").click();
  await page.getByText(w.thisIsYou).waitFor();
});

scene("an admin finds groups, tells people something, and reads who did what", async (scene) => {
  const boss = await arriveAsAdmin(scene);
  const [ann, bo] = await Promise.all([
    scene.join({ username: "ann", displayName: "Ann" }),
    scene.join({ username: "bo", displayName: "Bo" }),
  ]);
  const { page } = boss;
  await ann.makeGroup("Hike 远足", [{ query: "bo", displayName: "Bo" }]);
  await ann.say("Who brings the tent?");
  await ann.makeGroup("Tea", [{ query: "bo", displayName: "Bo" }]);
  await boss.go("admin");
  await part(boss, w.broadcasts);
  await page.getByText(w.noBroadcasts).waitFor();
  await part(boss, w.groups);
  const groups = page.getByTestId("groups").getByRole("link");
  await eventually(() => groups.count(), 2);
  await look(page, "groups");
  await page.getByLabel(w.findGroup).fill("nothing like it");
  await page.getByText(w.nothingFound).waitFor();
  await page.getByLabel(w.findGroup).fill("hike");
  await eventually(() => groups.count(), 1);
  await groups.click();
  await page.getByTestId("group-card").getByText(w.messagesOf(1)).waitFor();
  await page.getByTestId("members").getByText("@bo").waitFor();
  assert.equal(await page.getByText("tent").count(), 0, "not what is said");
  await look(page, "group");

  // To its members, and to everyone.
  const announce = async (text: string) => {
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(w.announcementText).fill(text);
    await dialog.getByRole("button", { name: w.announce, exact: true }).click();
    await dialog.waitFor({ state: "detached" });
  };
  await boss.button(w.tellMembers).click();
  await announce("Meet at 8");
  await bo.page.getByText("Meet at 8").waitFor();
  await act(boss, w.dissolve);
  await page.getByTestId("group-card").getByText(w.dissolved).waitFor();
  await page.getByRole("link", { name: w.allGroups }).click();
  await page.getByLabel(w.state).selectOption("active");
  await page.getByText(w.nothingFound).waitFor();
  await part(boss, w.broadcasts);
  await boss.button(w.write).click();
  await announce("Back at 10.\n十点恢复。");
  await bo.page.getByText("十点恢复。").waitFor();
  await page.getByTestId("broadcasts").getByText(w.allTold("3")).waitFor();
  assert.equal(await page.getByTestId("broadcasts").getByRole("listitem").count(), 2);

  // The log says all of it, and finds it again.
  await part(boss, w.audit);
  const lines = page.getByTestId("audit").getByRole("row");
  await lines.filter({ hasText: "Meet at 8" }).waitFor();
  await page.getByLabel(w.act, { exact: true }).selectOption("admin.dissolve");
  await boss.button(w.apply).click();
  await eventually(() => lines.count(), 2);
  await look(page, "audit");
  await lines.last().getByRole("link").click();
  await page.getByTestId("group-card").getByRole("heading", { name: "Hike 远足" }).waitFor();
  await part(boss, w.audit);
  await boss.button(w.clear).click();
  await page.getByLabel(w.target).fill("nobody-of-that-name");
  await page.getByLabel(w.target).press("Enter");
  await page.getByRole("alert").waitFor();
  await page.getByLabel(w.target).fill("bo");
  await page.getByLabel(w.target).press("Enter");
  await page.getByText(w.noLines).waitFor();

  // By keyboard alone: from the list of parts to somebody's card.
  await page.getByRole("link", { name: w.users, exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel(w.findUser).focus();
  await page.keyboard.type("ann");
  await eventually(() => page.getByTestId("users").getByRole("link").count(), 1);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByTestId("user-card").getByRole("heading", { name: "Ann" }).waitFor();

  // While the server is away the last figures stay, and say so.
  await part(boss, w.overview);
  await page.getByTestId("figures").waitFor();
  for (const one of [boss, ann, bo]) one.expect(/WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE/);
  await scene.restart(() => page.getByText(w.stale).waitFor());
  await page.getByText(w.stale).waitFor({ state: "detached" });
});
