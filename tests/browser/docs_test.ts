import assert from "node:assert/strict";
import { operations } from "../../wire/operations.ts";
import { register } from "../support/people.ts";
import { scene } from "./scene.ts";

for (const colorScheme of ["light", "dark"] as const) {
  scene(
    `the API page lists every operation and sends a request under its policy, ${colorScheme}`,
    async ({ join, server }) => {
      const visitor = await join({ username: "ann", displayName: "Ann" }, { colorScheme });
      const { page } = visitor;
      await page.goto(`${server.url}/docs`);
      await page.locator("#operations:not([aria-busy])").waitFor();
      const names = await page.locator("#operations summary strong").allTextContents();
      assert.deepEqual(names.sort(), Object.keys(operations).sort());
      const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(paper, colorScheme === "light" ? "rgb(244, 242, 237)" : "rgb(20, 23, 21)");

      // By the session's cookie.
      await page.getByLabel("Find").fill("user.me");
      const me = page.locator("[id='user.me']");
      await me.locator("summary").first().click();
      await me.getByRole("button", { name: "Send" }).click();
      await me.getByText("200 OK").waitFor();
      assert.match(await me.locator("output pre").textContent() ?? "", /"username": "ann"/);
      assert.equal(await page.locator("[id='message.send']").isVisible(), false, "only what was looked for");

      // By a token, with a body; and what the server refuses is shown.
      const bob = await register(server.url);
      await page.getByLabel("Access token").fill(bob.accessToken);
      await page.getByLabel("Find").fill("group.create");
      const create = page.locator("[id='group.create']");
      await create.locator("summary").first().click();
      await create.getByLabel("Body").fill('{"title": "made by hand", "memberIds": []}');
      await create.getByRole("button", { name: "Send" }).click();
      await create.getByText("200 OK").waitFor();
      assert.match(await create.locator("output pre").textContent() ?? "", /made by hand/);
      visitor.expect(/400/);
      await create.getByLabel("Body").fill('{"title": ""}');
      await create.getByRole("button", { name: "Send" }).click();
      await create.getByText(/^400/).waitFor();
      assert.match(await create.locator("output pre").textContent() ?? "", /invalid_params/);

      const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(width <= 0, "nothing is wider than the page");
      await visitor.screenshot(`.tmp/browser/docs-${colorScheme}.png`);
    },
  );
}
