import assert from "node:assert/strict";
import { firstAdmin } from "../support/first_admin.ts";
import { rest } from "../support/people.ts";
import { scene } from "./scene.ts";

scene(
  "what an admin tells everyone is shown at once and to who comes later, until it is closed",
  async (scene) => {
    const boss = (await firstAdmin(scene.server)).accessToken;
    const [alice, bob] = [
      await scene.join({ username: "alice" }),
      await scene.join({ username: "小波" }, { locale: "zh-CN" }),
    ];
    await alice.page.close();
    await rest(scene.server.url, "admin.broadcast", { text: "Back at 8.\n八点恢复。" }, boss);
    const bar = bob.page.getByLabel(bob.words.announcement, { exact: true });
    await bar.getByText("八点恢复。").waitFor();
    const page = await alice.context.newPage();
    await page.goto(scene.server.url);
    await page.getByText("Back at 8.").waitFor();
    await page.reload();
    await page.getByText("Back at 8.").waitFor();
    await page.getByLabel("Announcement").getByRole("button", { name: "Close" }).click();
    await page.getByText("Back at 8.").waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("searchbox", { name: alice.words.search }).waitFor();
    await rest(scene.server.url, "admin.broadcast", { text: "And again." }, boss);
    await page.getByText("And again.").waitFor();
    assert.equal(await page.getByText("Back at 8.").count(), 0);
    await bar.getByText("And again.").waitFor();
  },
);
