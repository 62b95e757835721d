import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
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

scene(
  "picture, username, privacy, devices and data: changed here, seen by others and on other devices",
  async ({ join, arrive }) => {
    const dan = await join({ username: "dan", displayName: "Dan" });
    const eve = await join({ username: "eve", displayName: "Eve" }, { locale: "zh-CN" });
    await eve.find("dan", "Dan");
    await dan.openSettings("Your profile");
    const picture = dan.page.locator(".picture-field img");
    const wide = await dan.page.evaluate(() => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [300, 100];
      return canvas.toDataURL("image/png").split(",")[1];
    });
    const chooser = dan.page.getByTestId("own-picture");
    await chooser.setInputFiles({ name: "x.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await dan.page.getByText("is not a picture").waitFor();
    await chooser.setInputFiles({
      name: "wide.png",
      mimeType: "image/png",
      buffer: Buffer.from(wide, "base64"),
    });
    await picture.waitFor();
    await dan.page.locator(".identity img").waitFor();
    assert.deepEqual(
      await picture.evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      }),
      [100, 100],
    );
    await eve.page.reload();
    await eve.page.locator(".chat-head .avatar img").waitFor();
    await dan.button("Remove picture").click();
    await picture.waitFor({ state: "detached" });
    assert.ok(!(await dan.request("GET", "/users/me")).avatar);

    dan.expect(/409 /);
    const form = dan.page.locator("form").filter({ has: dan.button("Change username") });
    await form.getByLabel("Username").fill("eve");
    await dan.button("Change username").click();
    await form.getByRole("alert").waitFor();
    await form.getByLabel("Username").fill("daniel");
    await dan.button("Change username").click();
    await dan.page.getByText("Username changed.").waitFor();
    await dan.page.getByText("@daniel").waitFor();

    await dan.openSettings("Privacy");
    await dan.page.getByLabel("Who finds me by searching").selectOption("nobody");
    await dan.page.getByText("Privacy saved").waitFor();
    const { privacy } = await dan.request("GET", "/users/me");
    assert.deepEqual(privacy, { findBy: "nobody", writeBy: "everyone", seenBy: "everyone" });

    await dan.openSettings("Devices");
    const devices = dan.page.getByRole("list", { name: "Devices" }).getByRole("listitem");
    await dan.page.getByText("This device").waitFor();
    const phone = await arrive();
    await phone.logIn({ username: "daniel" });
    // Nobody presses anything here: the list looks by itself.
    await devices.nth(1).waitFor();
    const other = devices.filter({ hasNotText: "This device" });
    await other.getByRole("button", { name: /^Rename/ }).click();
    await dan.page.getByLabel("Name of the device").fill("Old phone");
    await dan.page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await dan.button("Log out Old phone").click();
    phone.expect(/401 /, /403 /);
    await dan.page.getByRole("dialog").getByRole("button", { name: "Log out" }).click();
    await phone.page.getByText("Your session has ended.").waitFor();
    await phone.logIn({ username: "daniel" });
    await dan.button("Log out all other devices").click();
    await dan.page.getByRole("dialog").getByRole("button", { name: "Log out" }).click();
    await phone.page.getByText("Your session has ended.").waitFor();
    await dan.page.getByText("1 device is logged out").waitFor();

    await dan.openSettings("Account");
    const download = dan.page.waitForEvent("download");
    await dan.button("Download my data").click();
    const file = await Deno.readFile(await (await download).path());
    assert.equal(new TextDecoder().decode(file.subarray(0, 2)), "PK");
    await dan.page.getByText("Downloaded:").waitFor();
  },
);
