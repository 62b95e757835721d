import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually } from "../support/browser.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice" };
const BOB = { username: "bob", displayName: "Bob" };

const textsOf = (page: Page) => page.getByTestId("message-text").allInnerTexts();
const unreadOf = (page: Page) =>
  page.getByTestId("conversation-list").getByTestId("unread").locator("[aria-hidden]").allInnerTexts();

/** Everything of this origin that a script of the page can read. */
const readable = (page: Page) =>
  page.evaluate(async () => {
    const all = async (name: string) => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const rows: unknown[] = [];
      for (const store of database.objectStoreNames) {
        rows.push(
          ...await new Promise<unknown[]>((resolve) => {
            const request = database.transaction(store).objectStore(store).getAll();
            request.onsuccess = () => resolve(request.result);
          }),
        );
      }
      database.close();
      return rows;
    };
    const databases = (await indexedDB.databases()).map(({ name }) => name!);
    const rows = await Promise.all(databases.map(all));
    return JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, rows]);
  });

scene(
  "two tabs never disagree, no script reads a token, and a logout leaves nothing behind",
  async (scene) => {
    const [alice, bob] = await Promise.all([scene.join(ALICE), scene.join(BOB)]);
    await alice.find("bob", "Bob");
    await alice.say("one");
    await alice.sees("one");
    const other = await alice.context.newPage();
    await other.goto(scene.server.url);
    await other.getByTestId("conversation-list").getByRole("link").filter({ hasText: "Bob" }).click();
    await eventually(() => textsOf(other), ["one"]);

    // What one says, the other shows.
    await other.getByRole("textbox", { name: alice.words.writeMessage }).fill("two");
    await other.keyboard.press("Enter");
    await alice.sees("one", "two");

    // What is read in one is read in the other.
    await alice.page.goto(`${scene.server.url}/#/`);
    await other.goto(`${scene.server.url}/#/`);
    await bob.open("Alice");
    await bob.say("three");
    await eventually(() => alice.unread(), ["1"]);
    await eventually(() => unreadOf(other), ["1"]);
    await alice.page.bringToFront();
    await alice.open("Bob");
    await eventually(() => alice.unread(), []);
    await eventually(() => unreadOf(other), []);

    // How it looks.
    await alice.openSettings(alice.words.appearance);
    await alice.page.getByRole("main").getByText("中文").click();
    await alice.page.getByRole("main").getByText("深色").click();
    await other.getByRole("heading", { name: "会话", exact: true }).waitFor();
    assert.equal(await other.locator("html").getAttribute("data-theme"), "dark");
    alice.language = "zh-CN";
    await alice.go("chats");

    // Kept in this browser is what was seen, and nothing that lets one in.
    await eventually(async () => /three/.test(await readable(alice.page)), true);
    const names = (await alice.context.cookies()).map((
      { name, httpOnly, sameSite },
    ) => [name, httpOnly, sameSite]);
    assert.deepEqual(names.sort(), [["imserver_access", true, "Strict"], [
      "imserver_refresh",
      true,
      "Strict",
    ]]);
    const secrets = (await alice.context.cookies()).map(({ value }) => value);
    for (const secret of secrets) assert.ok(!(await readable(alice.page)).includes(secret));

    // Out in one is out in both, and nothing stays.
    await alice.go("settings");
    await alice.button(alice.words.logOut).click();
    for (const page of [alice.page, other]) await page.getByRole("heading", { name: "登录" }).waitFor();
    const traces = async () => /three|bob/i.test(await readable(other));
    await eventually(traces, false);

    // In as somebody else in one is in as them in both, who see nothing of the first.
    await bob.page.close();
    await alice.fillAccount({ username: "bob" });
    await alice.button(alice.words.logIn).click();
    for (const page of [alice.page, other]) {
      await page.getByTestId("conversation-list").getByRole("link").filter({ hasText: "Alice" }).waitFor();
    }
    const kept = await other.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    const { id } = await alice.request("GET", "/users/me");
    assert.deepEqual(kept.filter((name) => name?.startsWith("imserver.cache.")), [`imserver.cache.${id}`]);
  },
);
