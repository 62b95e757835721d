import assert from "node:assert/strict";
import { eventually } from "../support/browser.ts";
import type { Person } from "./person.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice" };
const BOB = { username: "bob", displayName: "Bob" };
const PATIENCE_MS = 60_000;

const banner = (person: Person) => person.page.getByTestId("connection-banner");

/** The names of what this browser keeps, by its caches. */
const keptPaths = (person: Person) =>
  person.page.evaluate(async () => {
    const names = await caches.keys();
    const kept = await Promise.all(names.map(async (name) => await (await caches.open(name)).keys()));
    return kept.flat().map(({ url }) => new URL(url).pathname);
  });

/** The page can be opened without its server, and has been kept as it is now. */
const settled = async ({ page }: Person, words: string) => {
  await page.evaluate(async () => void await navigator.serviceWorker.ready);
  const kept = () =>
    page.evaluate(async () => {
      const names = (await indexedDB.databases()).map(({ name }) => name!);
      const name = names.find((one) => one.startsWith("imserver.cache."));
      if (name === undefined) return "";
      const rows = await new Promise((resolve) => {
        indexedDB.open(name).onsuccess = ({ target }) => {
          const database = (target as IDBOpenDBRequest).result;
          database.transaction("kept").objectStore("kept").getAll().onsuccess = (event) => {
            database.close();
            resolve((event.target as IDBRequest).result);
          };
        };
      });
      return JSON.stringify(rows);
    });
  await eventually(
    async () => {
      const rows = await kept();
      return [rows.includes("item:me"), rows.includes("item:conversations"), rows.includes(words)];
    },
    [true, true, true],
    PATIENCE_MS,
  );
};

scene(
  "without its server the page opens, shows what it knows and keeps what is said until it is back",
  async (scene) => {
    const [alice, bob] = await Promise.all([scene.join(ALICE), scene.join(BOB)]);
    for (const one of [alice, bob]) {
      one.expect(
        /WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INTERNET|fetching the script/,
      );
    }
    await alice.makeGroup("Hike", [{ query: "bob", displayName: "Bob" }]);
    await alice.say("where to?");
    await alice.find("bob", "Bob");
    await alice.say("hello");
    await bob.find("alice", "Alice");
    await bob.say("hi");
    await alice.sees("hello", "hi");
    await settled(alice, "where to?");
    await settled(alice, `"hi"`);

    await scene.restart(async () => {
      await bob.composer.fill("half a thought");
      await alice.say("queued");
      await alice.page.getByTestId("message-sending").getByText("queued").waitFor();
      await banner(alice).getByText(alice.words.reconnecting).waitFor();

      // All of it is there after a reload too, and can be walked through.
      await alice.page.reload();
      await alice.page.getByTestId("message-sending").getByText("queued").waitFor();
      await eventually(() => alice.texts(), ["hello", "hi", "queued"]);
      await banner(alice).getByText(alice.words.connecting).waitFor();
      await alice.context.setOffline(true);
      await banner(alice).getByText(alice.words.deviceOffline).waitFor();
      await alice.context.setOffline(false);
      await alice.open("Hike");
      await eventually(() => alice.texts(), ["where to?"]);
      await alice.page.locator(".event").filter({ hasText: "created the group" }).waitFor();
      await alice.say("queued too");
      await alice.page.getByTestId("message-sending").getByText("queued too").waitFor();
      await alice.page.reload();
      await alice.page.getByTestId("message-sending").getByText("queued too").waitFor();
      assert.ok((await alice.page.title()).endsWith("IMServer"));
    });

    for (const one of [alice, bob]) await banner(one).waitFor({ state: "detached", timeout: PATIENCE_MS });
    await alice.sees("where to?", "queued too");
    assert.equal(await bob.composer.inputValue(), "half a thought");
    await bob.sees("hello", "hi", "queued");
    await bob.open("Hike");
    await bob.sees("where to?", "queued too");

    // What was kept is caught up with what happened since.
    await bob.say("up the hill");
    await alice.sees("where to?", "queued too", "up the hill");

    // The worker keeps the page, and nothing that a server said to somebody.
    const paths = await keptPaths(alice);
    assert.ok(paths.includes("/") && paths.some((path) => /^\/main-\w+\.js$/.test(path)), paths.join());
    assert.deepEqual(paths.filter((path) => /^\/(?:api|docs|setup|sw)(?!\w)/.test(path)), []);
  },
);
