import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PIXEL } from "../support/files.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice" };
const BOB = { username: "bob", displayName: "Bob" };

scene("a picture is shown and a file can be fetched, in English and in Chinese", async ({ join }) => {
  const [alice, bob] = await Promise.all([join(ALICE), join(BOB, { locale: "zh-CN" })]);
  await alice.find("bob", "Bob");
  await alice.say("look");
  await bob.open("Alice");
  assert.equal(await alice.page.getByRole("button", { name: "Attach files" }).count(), 1);
  assert.equal(await bob.page.getByRole("button", { name: "添加文件" }).count(), 1);
  await alice.page.getByTestId("file-chooser").setInputFiles([
    { name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PIXEL) },
    { name: "plan.html", mimeType: "text/html", buffer: Buffer.from("<html>1</html>") },
  ]);
  await alice.sendFiles();
  for (const { page } of [alice, bob]) {
    const picture = page.getByRole("img", { name: "dot.png" });
    await picture.waitFor();
    await page.waitForFunction(() => {
      const image = document.querySelector<HTMLImageElement>(".picture img");
      return image !== null && image.complete && image.naturalWidth === 1;
    });
    const link = page.getByTestId("messages").getByRole("link", { name: "plan.html" });
    await link.waitFor();
    assert.match((await link.getAttribute("href"))!, /^\/api\/v1\/files\/[0-9]+$/);
  }
  const download = bob.page.waitForEvent("download");
  await bob.page.getByTestId("messages").getByRole("link", { name: "plan.html" }).click();
  assert.equal((await download).suggestedFilename(), "plan.html");
  assert.equal(await alice.page.locator(".attaching").count(), 0);
});

scene("a file that is too large is refused in words, and can be taken away", async ({ join }) => {
  const [alice] = await Promise.all([join(ALICE), join(BOB)]);
  await alice.find("bob", "Bob");
  await alice.page.getByTestId("file-chooser").evaluate((chooser: HTMLInputElement) => {
    // As large as this without its bytes going anywhere.
    const file = new File(["x"], "huge.bin");
    Object.defineProperty(file, "size", { value: 1e12 });
    const files = Object.assign([file], { item: () => file });
    Object.defineProperty(chooser, "files", { value: files, configurable: true });
    chooser.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await alice.sendFiles();
  await alice.page.locator(".attaching").getByRole("alert").waitFor();
  await alice.page.locator(".attaching").getByRole("button", { name: "Cancel" }).click();
  assert.equal(await alice.page.locator(".attaching").count(), 0);
});
