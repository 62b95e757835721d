import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { eventually } from "../support/browser.ts";
import { PIXEL } from "../support/files.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice" };
const BOB = { username: "bob", displayName: "Bob" };

scene("one's picture, privacy, devices and data are in the settings", async ({ join, arrive }) => {
  const [alice, bob] = await Promise.all([join(ALICE), join(BOB)]);
  const { page, words: { own, profile, account } } = alice;
  await bob.find("alice", "Alice");
  await bob.say("hello");

  await alice.openSettings(profile);
  const picture = { name: "me.png", mimeType: "image/png", buffer: Buffer.from(PIXEL) };
  await page.getByLabel(own.picture, { exact: true }).setInputFiles(picture);
  await page.getByText(own.pictureSaved).waitFor();
  await bob.page.reload();
  await bob.row("Alice").locator("img").waitFor();

  await alice.openSettings(own.privacy);
  await page.getByLabel(own.findBy).selectOption({ label: own.nobody });
  await page.getByText(own.privacySaved).waitFor();
  const me = await alice.request("GET", "/users/me");
  assert.equal((me.privacy as { findBy: string }).findBy, "nobody");

  const other = await arrive();
  await other.logIn(ALICE);
  await alice.openSettings(own.devices);
  const devices = page.getByRole("list", { name: own.devices }).getByRole("listitem");
  await eventually(() => devices.count(), 2);
  await devices.filter({ hasText: own.thisDevice }).getByRole("button", { name: /^Rename/ }).click();
  await page.getByLabel(own.deviceName).fill("My desk");
  await page.getByRole("dialog").getByRole("button", { name: alice.words.save }).click();
  await devices.getByText("My desk").waitFor();
  other.expect(/401/);
  await alice.button(own.endOthers).click();
  await page.getByRole("dialog").getByRole("button", { name: own.end, exact: true }).click();
  await other.page.getByRole("heading", { name: other.words.logIn }).waitFor();
  await eventually(() => devices.count(), 1);

  await alice.openSettings(account);
  const download = page.waitForEvent("download");
  await alice.button(own.exportData).click();
  assert.match((await download).suggestedFilename(), /\.zip$/);
});
