import assert from "node:assert/strict";
import { eventually } from "../support/browser.ts";
import { scene } from "./scene.ts";

const ANN = { username: "ann", displayName: "Ann Lee" };
const BO = { username: "bo", displayName: "Bo Wang" };

scene(
  "contacts: asking, accepting, remarks and tags, parting and blocking, seen at once by the other",
  async ({ join }) => {
    const [ann, bo] = await Promise.all([join(ANN), join(BO, { locale: "zh-CN" })]);
    const { contacts: en } = ann.words;
    const { contacts: zh } = bo.words;
    const friends = (one: typeof ann) => one.page.getByTestId("friends").getByRole("link");

    // Ann finds Bo and asks; Bo sees the badge without doing anything.
    await ann.go("contacts");
    await ann.page.getByText(en.none).waitFor();
    await ann.page.getByRole("link", { name: en.find }).click();
    await ann.page.getByRole("main").getByRole("searchbox").fill("bo");
    await ann.button(en.addOf("Bo Wang")).click();
    await ann.page.getByLabel(en.words).fill("From the climbing club");
    await ann.button(en.askFriend).click();
    await ann.page.getByTestId("found-people").getByText(en.isAsked).waitFor();
    const badge = bo.page.locator(".rail").getByText(zh.waiting(1));
    await badge.waitFor({ state: "attached" });

    // He is told in passing, and led there.
    await bo.page.getByText(zh.asksYou("Ann Lee")).first().waitFor();
    await bo.button(zh.look).click();
    await bo.page.getByRole("heading", { level: 2, name: zh.requests }).waitFor();
    await bo.page.getByText("From the climbing club").waitFor();
    await bo.button(zh.acceptOf("Ann Lee")).click();
    await badge.waitFor({ state: "detached" });
    await eventually(() => friends(bo).count(), 1);
    await ann.page.getByText(en.nowFriends("Bo Wang")).first().waitFor();
    await eventually(() => friends(ann).count(), 1);

    // Bo is here now: a remark and tags for him, by which he is called everywhere.
    await friends(ann).click();
    const card = ann.page.getByTestId("person-card");
    await card.getByText(en.online).waitFor();
    await ann.page.getByLabel(en.remark).fill("Climber");
    await ann.page.getByLabel(en.tags, { exact: false }).last().fill("club, friends");
    await ann.button(ann.words.save).click();
    await friends(ann).filter({ hasText: "Climber" }).waitFor();
    await card.getByRole("heading", { name: "Climber" }).waitFor();
    await card.getByText("Bo Wang").waitFor();
    await ann.button("club").click();
    assert.equal(await ann.button("club").getAttribute("aria-pressed"), "true");
    await eventually(() => friends(ann).count(), 1);
    await ann.page.getByRole("searchbox", { name: en.filter }).fill("nobody");
    await ann.page.getByText(en.noneSuch).waitFor();
    await ann.page.getByRole("searchbox", { name: en.filter }).fill("clim");
    await eventually(() => friends(ann).count(), 1);
    await ann.button(en.message).click();
    await ann.page.getByRole("main").getByRole("heading", { name: "Climber" }).waitFor();
    await ann.composer.waitFor();
    await ann.say("hi");
    await ann.row("Climber").waitFor();
    await bo.go("chats");
    await bo.row("Ann Lee").waitFor();

    // Beside the chat the same card, and what one sets for oneself.
    await ann.button(ann.words.groups.details).click();
    await ann.page.getByTestId("details").getByRole("heading", { name: "Climber" }).waitFor();
    await ann.page.getByRole("switch", { name: ann.words.groups.pinTop }).click();
    await ann.row("Climber").getByText(ann.words.pinned).waitFor({ state: "attached" });
    await ann.page.getByTestId("details").getByLabel(en.remark).fill("Climber Bo");
    await ann.button(ann.words.save).click();

    // It is kept: the same after a reload, and told to another page of hers at once.
    await ann.row("Climber Bo").waitFor();
    // By that name one finds him too.
    await ann.find("climber", "Climber Bo");

    const other = await ann.context.newPage();
    await other.goto(`${ann.url}/#/contacts`);
    const there = other.getByTestId("friends").getByRole("link");
    await there.filter({ hasText: "Climber Bo" }).waitFor();
    await ann.page.getByTestId("details").getByLabel(en.remark).fill("");
    await ann.button(ann.words.save).click();
    await there.filter({ hasText: "Bo Wang" }).waitFor();
    await other.close();
    await ann.page.reload();
    await ann.row("Bo Wang").waitFor();

    // On a phone the list, then the person, and back.
    await ann.page.setViewportSize({ width: 390, height: 844 });
    await ann.page.goto(`${ann.url}/#/contacts`);
    await friends(ann).click();
    await friends(ann).waitFor({ state: "hidden" });
    await card.waitFor();
    await ann.button(ann.words.groups.back).click();
    await friends(ann).waitFor();
    await ann.page.setViewportSize({ width: 1180, height: 760 });
    await ann.go("chats");

    // Bo parts from Ann; Ann sees it. Then he blocks her, and she cannot ask again.
    await bo.go("contacts");
    await friends(bo).click();
    await bo.button(zh.remove).click();
    await bo.page.getByRole("dialog").getByRole("button", { name: zh.remove, exact: true }).click();
    await bo.button(zh.add).waitFor();
    await ann.go("contacts");
    await ann.page.getByText(en.none).waitFor();
    await ann.page.getByRole("link", { name: en.find }).click();
    await ann.page.getByRole("main").getByRole("searchbox").fill("bo");
    await ann.button(en.addOf("Bo Wang")).waitFor();
    await bo.button(zh.block).click();
    await bo.page.getByRole("dialog").getByRole("button", { name: zh.block, exact: true }).click();
    await bo.button(zh.unblock).waitFor();

    await ann.button(en.addOf("Bo Wang")).click();
    await ann.button(en.askFriend).click();
    await ann.page.getByRole("dialog").getByRole("alert").waitFor();
    await ann.page.keyboard.press("Escape");
    await ann.page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(
      await ann.page.evaluate(() => document.activeElement?.getAttribute("aria-label")),
      en.addOf("Bo Wang"),
    );
    await bo.page.getByRole("link", { name: zh.blocked }).click();
    await bo.button(zh.unblockOf("Ann Lee")).click();
    await bo.page.getByText(zh.noBlockedHint).waitFor();

    // Now she can, takes it back, asks again, and is turned down.
    await ann.button(en.addOf("Bo Wang")).click();
    await ann.button(en.askFriend).click();
    await ann.page.getByRole("link", { name: en.requests }).click();
    await badge.waitFor({ state: "attached" });
    await ann.button(en.withdrawOf("Bo Wang")).click();
    await ann.page.getByText(en.noOutgoing).waitFor();
    await badge.waitFor({ state: "detached" });
  },
);
