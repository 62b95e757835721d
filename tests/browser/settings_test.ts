import assert from "node:assert/strict";
import { scene } from "./scene.ts";

scene(
  "one's own account: another name, another password, and its end, which others see",
  async ({ join }) => {
    const [dan, eve] = [
      await join({ username: "dan", displayName: "Dan" }),
      await join({ username: "eve", displayName: "Eve" }, { locale: "zh-CN" }),
    ];
    await dan.find("eve", "Eve");
    await dan.say("goodbye");
    await dan.openSettings("Your profile");
    await dan.page.getByLabel("Display name").fill("Daniel");
    await dan.page.getByLabel("About you").fill("I leave soon");
    await dan.button("Save").click();
    await dan.page.getByRole("status").getByText("Saved").waitFor();
    const me = await dan.request("GET", "/users/me");
    assert.deepEqual([me.displayName, me.bio], ["Daniel", "I leave soon"]);

    dan.expect(/401 /);
    await dan.openSettings("Account");
    const changes = dan.page.locator("form").filter({ has: dan.button("Change password") });
    await changes.getByLabel("Current password").fill("not the password");
    await dan.page.getByLabel("New password").fill("a better password");
    await dan.page.getByRole("button", { name: "Change password" }).click();
    await dan.page.getByRole("alert").waitFor();
    await changes.getByLabel("Current password").fill("correct horse battery");
    await dan.page.getByRole("button", { name: "Change password" }).click();
    await dan.page.getByText("Password changed.").waitFor();

    await dan.page.getByText("This cannot be undone.").waitFor();
    const deletion = dan.page.locator("form").filter({ has: dan.button("Delete for good") });
    await deletion.getByLabel("Current password").fill("a better password");
    await dan.button("Delete for good").click();
    await dan.page.getByRole("heading", { name: "Log in" }).waitFor();

    await eve.page.reload();
    await eve.row("已注销的账号").click();
    await eve.sees("goodbye");
  },
);
