import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { eventually } from "../support/browser.ts";
import { PIXEL } from "../support/files.ts";
import type { Person } from "./person.ts";
import { scene } from "./scene.ts";

const ANN = { username: "ann", displayName: "Ann Lee" };
const BO = { username: "bo", displayName: "Bo Wang" };
const CY = { username: "cy", displayName: "Cy Young" };

const details = (one: Person) => one.page.getByTestId("details");
const members = (one: Person) => one.page.getByTestId("group-members");

async function openDetails(one: Person): Promise<void> {
  const button = one.button(one.words.groups.details);
  if (await button.getAttribute("aria-expanded") === "false") await button.click();
  await members(one).getByRole("list").waitFor();
}

async function openPart(one: Person, title: string): Promise<void> {
  await details(one).getByRole("button", { name: title }).click();
  await details(one).getByRole("heading", { level: 2, name: title }).waitFor();
}

async function back(one: Person): Promise<void> {
  await one.button(one.words.groups.back).click();
  await members(one).getByRole("list").waitFor();
}

/** Chooses from what one may do with a member. */
async function choose(one: Person, name: string, action: string): Promise<void> {
  await one.button(one.words.groups.menuOf(name)).click();
  await one.page.getByRole("menuitem", { name: action, exact: true }).click();
}

async function confirm(one: Person, action: string): Promise<void> {
  const dialog = one.page.getByRole("dialog");
  await dialog.getByRole("button", { name: action, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

const focused = (one: Person) => one.page.evaluate(() => document.activeElement?.getAttribute("aria-label"));

const focusedWords = (one: Person) => one.page.evaluate(() => document.activeElement?.textContent ?? "");

scene(
  "a group from its making to its end: links, requests, roles, muting, bans, leaving",
  async ({ arrive, join }) => {
    const [ann, bo] = await Promise.all([join(ANN), join(BO, { locale: "zh-CN" })]);
    const { groups: en } = ann.words;
    const { groups: zh } = bo.words;

    // Made with a picture.
    await ann.button(ann.words.newGroup).click();
    await ann.page.getByTestId("picture-chooser").setInputFiles({
      name: "dot.png",
      mimeType: "image/png",
      buffer: Buffer.from(PIXEL),
    });
    await ann.button(en.removePicture).waitFor();
    await ann.page.getByLabel(ann.words.groupTitle).fill("Hike");
    await ann.page.getByLabel(ann.words.addPeople).fill("bo");
    await ann.button(ann.words.addPerson("Bo Wang")).click();
    await ann.button(ann.words.createGroup).click();
    await ann.page.getByRole("main").getByRole("heading", { name: "Hike" }).waitFor();
    await ann.page.locator(".chat-head .avatar img").waitFor();

    // Its details: another name, an announcement; the other sees both.
    await bo.open("Hike");
    await openDetails(bo);
    assert.equal(await bo.button(zh.edit).count(), 0);
    await openDetails(ann);
    await ann.button(en.edit).click();
    await ann.page.getByRole("dialog").getByLabel(ann.words.groupTitle).fill("Ridge hike");
    await ann.page.getByRole("dialog").getByLabel(en.description).fill("Every other Saturday");
    await confirm(ann, ann.words.save);
    await ann.button(en.writeAnnouncement).click();
    await ann.page.getByRole("dialog").getByLabel(en.announcement).fill("Meet at 8:30");
    await confirm(ann, en.announce);
    assert.equal(await focused(ann), en.writeAnnouncement);
    await bo.page.getByTestId("group-announcement").getByText("Meet at 8:30").waitFor();
    await details(bo).getByRole("heading", { name: "Ridge hike" }).waitFor();
    await details(bo).getByText("Every other Saturday").waitFor();

    // A link that asks for approval; Cy comes by it as a stranger, makes an account, and asks.
    await openPart(ann, en.permissions);
    await ann.page.getByRole("switch", { name: en.approval }).click();
    await eventually(() => ann.page.getByRole("switch", { name: en.approval }).isChecked(), true);
    await back(ann);
    await openPart(ann, en.links);
    await ann.page.getByText(en.noLinks).waitFor();
    await ann.page.getByLabel(en.uses).selectOption("10");
    await ann.page.getByLabel(en.expires).selectOption("7");
    await ann.button(en.createLink).click();
    const link = await ann.page.getByLabel(en.link, { exact: true }).inputValue();
    await details(ann).getByText(en.usedBy(0, 10)).waitFor();
    await ann.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await ann.button(en.copy).click();
    await ann.page.getByText(en.copied).first().waitFor();
    assert.equal(await ann.page.evaluate(() => navigator.clipboard.readText()), link);
    await back(ann);
    await eventually(() => focusedWords(ann), en.links);
    const cy = await arrive();
    await cy.page.goto(link);
    await cy.page.getByText(en.joinFirst).waitFor();
    await cy.button(cy.words.toRegister).click();
    await cy.fillAccount(CY);
    await cy.button(cy.words.register).click();
    await cy.page.getByRole("dialog").getByText("Ridge hike").waitFor();
    await cy.page.getByLabel(en.words).fill("I know Bo");
    await confirm(cy, en.askToJoin);
    await cy.page.getByText(en.joinAsked).first().waitFor();
    await ann.page.locator(".head-button").getByText(en.askIn(1)).waitFor({ state: "attached" });
    await openPart(ann, en.requests);
    await details(ann).getByText("I know Bo").waitFor();
    await ann.button(en.approveOf("Cy Young")).click();
    await details(ann).getByText(en.noRequests).waitFor();
    await back(ann);
    await cy.page.getByText(en.letIn).first().waitFor();
    await cy.open("Ridge hike");
    await eventually(() => members(bo).getByRole("listitem").count(), 3);

    // Roles: Bo becomes an admin and sees what admins see to, at once.
    await ann.button(en.menuOf("Bo Wang")).click();
    await ann.page.getByRole("menu").waitFor();
    await ann.page.keyboard.press("Escape");
    assert.equal(await focused(ann), en.menuOf("Bo Wang"));
    await choose(ann, "Bo Wang", en.makeAdmin);
    await members(ann).getByText(en.admin, { exact: true }).waitFor();
    await details(bo).getByRole("button", { name: zh.links }).waitFor();
    assert.equal(await bo.button(zh.menuOf("Ann Lee")).count(), 0);
    await details(bo).getByRole("button", { name: zh.nickname }).click();
    await bo.page.getByRole("dialog").getByRole("textbox").fill("阿波");
    await confirm(bo, bo.words.save);
    await members(ann).getByText("阿波 · @bo").waitFor();
    await ann.page.getByRole("searchbox", { name: en.searchMembers }).fill("cy");
    await eventually(() => members(ann).getByRole("listitem").count(), 1);

    // Bo mutes Cy and lets him write again; then bans him. Cy's page says so.
    await choose(bo, "Cy Young", zh.muteMember);
    await bo.page.getByRole("dialog").getByLabel(zh.muteFor).selectOption({ label: zh.oneDay });
    await confirm(bo, zh.muteDone);
    await members(ann).getByText("Muted until").waitFor();
    await cy.page.getByTestId("silence").waitFor();
    assert.equal(await cy.composer.count(), 0);
    await choose(bo, "Cy Young", zh.unmuteMember);
    await cy.composer.waitFor();
    await members(ann).getByText("Muted until").waitFor({ state: "detached" });
    await choose(bo, "Cy Young", zh.ban);
    await confirm(bo, zh.ban);
    await cy.page.getByText(cy.words.conversationGone).waitFor();
    await openPart(bo, zh.bans);
    await bo.button(zh.unbanOf("Cy Young")).click();
    await details(bo).getByText(zh.noBans).waitFor();
    await back(bo);

    // He comes back by the same link, which asks nobody now.
    await openPart(bo, zh.permissions);
    await bo.page.getByRole("switch", { name: zh.approval }).click();
    await eventually(() => bo.page.getByRole("switch", { name: zh.approval }).isChecked(), false);
    await back(bo);
    await cy.page.goto(link);
    await confirm(cy, en.join);
    await cy.page.getByRole("main").getByRole("heading", { name: "Ridge hike" }).waitFor();
    await openPart(ann, en.links);
    await ann.button(en.revoke).click();
    await confirm(ann, en.revoke);
    await ann.page.getByText(en.noLinks).waitFor();
    await back(ann);
    // Who still has the link is told that it is over.
    await cy.page.goto(link);
    await cy.page.getByRole("dialog").getByRole("alert").waitFor();
    await cy.page.keyboard.press("Escape");
    await cy.open("Ridge hike");
    await openDetails(cy);

    // What was shared is found beside the chat.
    await cy.page.getByTestId("file-chooser").setInputFiles([
      { name: "ridge.png", mimeType: "image/png", buffer: Buffer.from(PIXEL) },
      { name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("1") },
    ]);
    await cy.sendFiles();
    await ann.page.getByTestId("messages").getByText("plan.txt").waitFor();
    await openPart(ann, en.media);
    await details(ann).getByRole("link", { name: "plan.txt" }).waitFor();
    await details(ann).getByRole("link", { name: "ridge.png" }).click();
    await ann.page.locator(".lightbox").waitFor();
    await ann.page.keyboard.press("Escape");
    await back(ann);

    // For oneself: not to be disturbed. Keys: Escape closes, and the button has the focus again.
    await ann.page.getByRole("switch", { name: en.muteNotifications }).click();
    await ann.row("Ridge hike").getByText(ann.words.muted).waitFor({ state: "attached" });
    await details(ann).focus();
    await ann.page.keyboard.press("Escape");
    await details(ann).waitFor({ state: "detached" });
    assert.equal(await focused(ann), en.details);

    // Three columns, over the second, and one.
    await ann.page.keyboard.press("Enter");
    const width = async () => (await details(ann).boundingBox())!.width;
    const over = async () => {
      const pane = (await ann.page.locator("#pane").boundingBox())!;
      return pane.x + pane.width > (await details(ann).boundingBox())!.x;
    };
    assert.equal(await over(), false);
    await ann.page.setViewportSize({ width: 900, height: 760 });
    await eventually(over, true);
    await ann.page.setViewportSize({ width: 390, height: 844 });
    await eventually(width, 390);
    await ann.page.setViewportSize({ width: 1180, height: 760 });

    // The group passes on to Bo; Ann leaves; Bo ends it.
    await choose(ann, "Bo Wang", en.makeOwner);
    await confirm(ann, en.makeOwner);
    await details(bo).getByRole("button", { name: zh.dissolve }).waitFor();
    await details(ann).getByRole("button", { name: en.leave }).click();
    await confirm(ann, en.leave);
    await ann.page.getByText(ann.words.noConversations).waitFor();
    await eventually(() => members(bo).getByRole("listitem").count(), 2);
    await details(bo).getByRole("button", { name: zh.dissolve }).click();
    await confirm(bo, zh.dissolve);
    await bo.page.getByText(bo.words.noConversations).waitFor();
    await details(cy).waitFor({ state: "visible" });
    await cy.page.getByText(en.gone).waitFor();
  },
);
