import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PIXEL } from "../support/files.ts";
import { barriers, keepsNobodyOut as isOpen } from "./axe.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice Liddell" };
const BOB = { username: "bob", displayName: "Bob" };

scene("axe-core finds nothing that would keep anyone out, in any view, light and dark", async (scene) => {
  const guest = await scene.arrive();
  await guest.button(guest.words.toRegister).waitFor();
  await isOpen(guest.page, "log in");
  await guest.button(guest.words.toRegister).click();
  await isOpen(guest.page, "register");
  await guest.page.goto(`${scene.server.url}/setup`);
  await guest.page.getByText(guest.words.setupNoToken).waitFor();
  await isOpen(guest.page, "set up");

  const [alice, bob] = await Promise.all([scene.join(ALICE), scene.join(BOB)]);
  const { page, words } = alice;
  await page.getByText(words.noConversations).waitFor();
  await isOpen(page, "no conversations");
  await alice.search.fill("bo");
  await page.getByTestId("search-results").getByRole("button").first().waitFor();
  await isOpen(page, "search");
  await alice.find("bob", "Bob");
  await isOpen(page, "a chat without messages");
  await alice.say("Hello", "See https://example.org/");
  await bob.open("Alice Liddell");
  await bob.page.getByTestId("file-chooser").setInputFiles([
    { name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PIXEL) },
    { name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("1") },
  ]);
  await bob.page.getByRole("dialog").waitFor();
  await isOpen(bob.page, "files to send");
  await bob.sendFiles();
  await page.getByTestId("messages").getByText("plan.txt").waitFor();
  await isOpen(page, "a chat");
  await page.getByRole("link", { name: "dot.png" }).last().click();
  await page.locator(".lightbox").waitFor();
  await isOpen(page, "lightbox");
  await page.keyboard.press("Escape");

  await alice.button(words.newGroup).click();
  await page.getByRole("dialog").waitFor();
  await isOpen(page, "new group");
  await page.keyboard.press("Escape");
  await alice.makeGroup("Hike", [{ query: "bob", displayName: "Bob" }]);
  await bob.open("Hike");
  await bob.say("Who brings the tent?");
  await alice.sees("Who brings the tent?");
  await isOpen(page, "a group");
  await alice.row("Hike").click({ button: "right" });
  await page.getByRole("menu").waitFor();
  await isOpen(page, "a menu");
  await page.keyboard.press("Escape");
  for (const part of [words.profile, words.appearance, words.account]) {
    await alice.openSettings(part);
    await isOpen(page, `settings: ${part}`);
  }
  await alice.go("contacts");
  await page.getByText(words.contacts.none).waitFor();
  await isOpen(page, "no contacts");
  await bob.request("POST", "/friends/requests", { userId: (await alice.request("GET", "/users/me")).id });
  await page.getByRole("link", { name: words.contacts.requests }).click();
  await page.getByRole("button", { name: words.contacts.acceptOf("Bob") }).waitFor();
  await isOpen(page, "friend requests");
  await alice.button(words.contacts.acceptOf("Bob")).click();
  await page.getByTestId("friends").getByRole("link").click();
  await page.getByTestId("friend-form").waitFor();
  await isOpen(page, "a contact");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: words.shortcutsTitle }).waitFor();
  await isOpen(page, "shortcuts");
  await page.keyboard.press("Escape");
  await alice.go("chats");
  await alice.open("Hike");
  await alice.button(words.groups.details).click();
  await page.getByTestId("group-members").getByRole("list").waitFor();
  await isOpen(page, "details of a group");
  await alice.button(words.groups.menuOf("Bob")).click();
  await isOpen(page, "what one may do with a member");
  await page.keyboard.press("Escape");
  for (const part of [words.groups.links, words.groups.permissions]) {
    await page.getByTestId("details").getByRole("button", { name: part }).click();
    await page.getByTestId("details").getByRole("heading", { level: 2, name: part }).waitFor();
    await isOpen(page, `details: ${part}`);
    await alice.button(words.groups.back).click();
  }
  await page.getByTestId("details").getByRole("button", { name: words.close }).click();
  await page.setViewportSize({ width: 390, height: 844 });
  await isOpen(page, "a group on a phone");
  await alice.button(words.backToList).click();
  await alice.list.waitFor();
  await isOpen(page, "the list on a phone");
});

scene("nor in what one opens with messages, in the list, in settings and from anywhere", async (scene) => {
  const [alice, bob] = await Promise.all([scene.join(ALICE, { locale: "zh-CN" }), scene.join(BOB)]);
  const { page, words } = alice;
  const { message: m } = words;
  const dialog = page.getByRole("dialog");
  const leave = async () => {
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  };
  const message = (text: string) => page.getByTestId("message").filter({ hasText: text });
  const act = async (text: string, item: string) => {
    await message(text).getByTestId("message-text").click({ button: "right" });
    await page.getByRole("menuitem", { name: item, exact: true }).click();
  };
  await alice.makeGroup("Hike", [{ query: "bob", displayName: "Bob" }]);
  await alice.say("Who brings the tent?", "**Monday** `9:00`");
  await bob.open("Hike");
  await bob.say("Not me");
  await act("tent", m.edit);
  await isOpen(page, "editing");
  await alice.composer.fill("Who brings the large tent?");
  await alice.composer.press("Enter");
  await message("large").getByRole("button", { name: words.edited }).click();
  await page.getByTestId("versions").waitFor();
  await isOpen(page, "earlier versions");
  await leave();
  await act("tent", m.reply);
  await alice.composer.pressSequentially("@");
  await page.getByRole("option").filter({ hasText: "Bob" }).waitFor();
  await isOpen(page, "a reply, and whom to mention");
  await alice.composer.fill("");
  await page.keyboard.press("Escape");
  await act("tent", m.pin);
  await page.getByTestId("pinned-bar").waitFor();
  await act("tent", m.react);
  await page.getByTestId("emoji-picker").waitFor();
  await isOpen(page, "emoji, and a pinned message");
  await page.getByTestId("emoji-picker").getByRole("button", { name: "🎉", exact: true }).first().click();
  await page.getByTestId("reactions").waitFor();
  for (const [item, view] of [[m.forward, "forward"], [m.recall, "recall"], [m.hide, "delete for me"]]) {
    await act("tent", item);
    await dialog.waitFor();
    await isOpen(page, view);
    await leave();
  }
  await message("tent").getByTestId("tick").click();
  await dialog.getByText("Bob").waitFor();
  await isOpen(page, "receipts");
  await leave();
  await page.locator(".day button").first().click();
  await dialog.waitFor();
  await isOpen(page, "go to a date");
  await leave();
  await act("Monday", m.select);
  await page.getByRole("toolbar").waitFor();
  await isOpen(page, "several are selected");
  await alice.button(m.stopSelecting).click();

  await alice.search.fill("tent");
  await page.getByTestId("found-messages").locator("mark").first().waitFor();
  await page.getByTestId("found-messages").getByRole("button", { name: words.found.filters }).click();
  await isOpen(page, "found messages, and filters");
  await page.keyboard.press("Control+k");
  await dialog.getByRole("option").first().waitFor();
  await isOpen(page, "quick switcher");
  await leave();
  await alice.button(words.clearSearch).click();
  await alice.row("Hike").click({ button: "right" });
  await page.getByRole("menuitem", { name: words.archive, exact: true }).click();
  await alice.go("contacts");
  await page.getByRole("link", { name: words.contacts.blocked }).click();
  await page.getByText(words.contacts.noBlocked).waitFor();
  await isOpen(page, "nobody is blocked");
  await alice.go("chats");
  await bob.find("alice", "Alice Liddell");
  await bob.say("hi");
  await alice.open("Bob");
  await page.getByRole("button", { name: words.archived }).click();
  await page.getByTestId("archive").waitFor();
  await isOpen(page, "the archive");
  await alice.button(words.groups.details).click();
  await page.getByTestId("details").waitFor();
  await isOpen(page, "details of a person");
  for (const part of [words.own.privacy, words.own.devices, words.notifications.title, words.twoStep.title]) {
    await alice.openSettings(part);
    await isOpen(page, `settings: ${part}`);
  }
});

scene("the search for barriers would find one", async ({ arrive }) => {
  const { page } = await arrive();
  await page.locator("#app button").first().waitFor();
  await page.locator("#app").evaluate((app) => {
    const image = app.appendChild(document.createElement("img"));
    image.src = "/favicon.svg";
    app.appendChild(document.createElement("button"));
  });
  const rules = (await barriers(page)).map((one) => one.split(":")[0]);
  assert.deepEqual(rules.sort(), ["button-name", "image-alt"]);
});
