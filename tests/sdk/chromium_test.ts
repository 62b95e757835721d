import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import type { Client, ConversationView, Outbox } from "../../sdk/mod.ts";
import { register, rest, Wire } from "../support/people.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { openBrowser, openContext, openPage, PLAIN_HOST, reload, type Sdk } from "./pages.ts";

/** The package in a real browser, against a real server. */

/** What a page of these tests has: an app in a few lines. */
interface App {
  sdk: Sdk;
  client: Client;
  outbox: Outbox;
  view: ConversationView;
}

const PASSWORD = "correct horse battery";

/** Whom the page is, and with whom it talks: known before the server says so, as after a reload. */
interface Place {
  userId: string;
  conversationId: string;
}

/** Opens the app in a page and connects, with waits so long that only a wake-up can end them in time. */
async function start(page: Page, place: Place): Promise<void> {
  await page.evaluate(({ userId, conversationId }) => {
    const app = globalThis as unknown as App;
    const backoff = { baseMs: 60_000, capMs: 60_000, random: () => 0.9 };
    app.client = app.sdk.createClient({ baseUrl: location.origin, cookie: true, backoff });
    const store = new app.sdk.IndexedDbOutboxStore(userId);
    app.outbox = app.sdk.openOutbox(app.client, { userId, store });
    app.view = app.sdk.openView(app.client, { conversationId, outbox: app.outbox });
    app.client.connect();
  }, place);
}

const write = (page: Page, { conversationId }: Place, ...texts: string[]) =>
  page.evaluate(async ({ conversationId, texts }) => {
    const { outbox } = globalThis as unknown as App;
    for (const text of texts) outbox.add(conversationId, { type: "text", text });
    await outbox.saved();
  }, { conversationId, texts });

/** Waits until the page shows these messages, and after them these that are not sent. */
async function shows(page: Page, messages: string[], pending: string[] = []): Promise<void> {
  const look = ({ messages, pending }: { messages: string[]; pending: string[] }) => {
    const { view } = globalThis as unknown as App;
    const texts = (list: readonly { content: object }[]) =>
      list.map(({ content }) => "text" in content ? content.text : "").join("\n");
    return texts(view.messages) === messages.join("\n") && texts(view.pending) === pending.join("\n");
  };
  await page.waitForFunction(look, { messages, pending });
}

const isOnline = (page: Page) =>
  page.waitForFunction(() => (globalThis as unknown as App).client.state.state === "online");
const isOffline = (page: Page) =>
  page.waitForFunction(() => (globalThis as unknown as App).client.state.state === "offline");

/** A server that can be away, somebody with a browser, and somebody to talk with. */
async function stage(
  play: (stage: {
    restart(meanwhile: () => Promise<void>): Promise<void>;
    context: BrowserContext;
    open(): Promise<Page>;
    place: Place;
    peer: { id: string; accessToken: string };
    /** What the server has. */
    log(): Promise<unknown[]>;
    url: () => string;
  }) => Promise<void>,
  host = "127.0.0.1",
): Promise<void> {
  using data = tempFolder();
  let server: Server = await startServer({ dataDir: data.path });
  const browser = await openBrowser();
  try {
    const peer = await register(server.url);
    const url = server.url.replace("127.0.0.1", host);
    const context = await openContext(browser, url);
    const first = await openPage(context, url);
    const userId = await first.evaluate(async (password) => {
      const { sdk } = globalThis as unknown as App;
      const client = sdk.createClient({ baseUrl: location.origin, cookie: true });
      return (await client.call("auth.register", { username: "alice", password })).user.id;
    }, PASSWORD);
    await first.close();
    const { id } = await rest(server.url, "conversation.openDirect", { userId }, peer.accessToken);
    await play({
      context,
      peer,
      place: { userId, conversationId: id },
      url: () => server.url,
      open: () => openPage(context, url),
      async restart(meanwhile) {
        await server.stop("SIGKILL");
        await meanwhile();
        const [port, opsPort] = [server.url, server.opsUrl].map((one) => Number(new URL(one).port));
        server = await startServer({ dataDir: data.path, port, opsPort });
      },
      async log() {
        const { entries } = await rest(server.url, "log.read", { conversationId: id }, peer.accessToken);
        return entries.map(({ content }) => content.text);
      },
    });
  } finally {
    await browser.close();
    await server.stop("SIGKILL");
  }
}

Deno.test("Chromium: it sends and hears, and what was written offline survives a reload and is sent once", () =>
  stage(async ({ open, place, peer, restart, log, url }) => {
    const page = await open();
    await start(page, place);
    const wire = await Wire.open(url(), peer.accessToken);
    await write(page, place, "hello");
    await shows(page, ["hello"]);
    await wire.call("message.send", {
      conversationId: place.conversationId,
      clientId: "1",
      content: { type: "text", text: "你好" },
    });
    await shows(page, ["hello", "你好"]);
    await restart(async () => {
      await isOffline(page);
      await write(page, place, "one", "two", "three");
      await shows(page, ["hello", "你好"], ["one", "two", "three"]);
      await reload(page);
      await start(page, place);
      await shows(page, [], ["one", "two", "three"]);
      await isOffline(page);
    });
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await shows(page, ["hello", "你好", "one", "two", "three"]);
    assert.deepEqual(await log(), ["hello", "你好", "one", "two", "three"]);
    await wire.close();
  }));

Deno.test("Chromium: two tabs show each other's unsent messages, and all is stored once, in order", () =>
  stage(async ({ open, place, restart, log }) => {
    const [left, right] = await Promise.all([open(), open()]);
    await Promise.all([start(left, place), start(right, place)]);
    await Promise.all([isOnline(left), isOnline(right)]);
    await write(left, place, "online");
    await Promise.all([shows(left, ["online"]), shows(right, ["online"])]);
    await restart(async () => {
      await Promise.all([isOffline(left), isOffline(right)]);
      await write(left, place, "one");
      await shows(right, ["online"], ["one"]);
      await write(right, place, "two");
      await write(left, place, "three");
      for (const page of [left, right]) await shows(page, ["online"], ["one", "two", "three"]);
    });
    // The left one stays offline for now: its messages are sent by the right one, and vanish here too.
    await right.evaluate(() => dispatchEvent(new Event("online")));
    await shows(right, ["online", "one", "two", "three"]);
    await left.waitForFunction(({ conversationId }) => {
      const { outbox } = globalThis as unknown as App;
      return outbox.items(conversationId).length === 0;
    }, place);
    await left.evaluate(() => dispatchEvent(new Event("online")));
    await shows(left, ["online", "one", "two", "three"]);
    assert.deepEqual(await log(), ["online", "one", "two", "three"]);
  }));

Deno.test("Chromium: it comes back at once when the network does, and when the page is looked at again", () =>
  stage(async ({ open, place, restart, context }) => {
    const page = await open();
    await start(page, place);
    await isOnline(page);
    await restart(() => isOffline(page).then(() => {}));
    await context.setOffline(true);
    await context.setOffline(false);
    await isOnline(page);

    await restart(() => isOffline(page).then(() => {}));
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await isOnline(page);
  }));

for (const host of ["127.0.0.1", PLAIN_HOST]) {
  const where = host === PLAIN_HOST
    ? "on plain http too, where there is no navigator.locks"
    : "with navigator.locks";
  Deno.test(`Chromium: tabs whose tokens expire together renew the session once, ${where}`, () =>
    stage(async ({ open, context }) => {
      const pages = await Promise.all([open(), open(), open()]);
      const hasLocks = await pages[0].evaluate(() => "locks" in navigator);
      assert.equal(hasLocks, host !== PLAIN_HOST);
      // Each tab hears once that its token has expired, and not before all have asked.
      const asked = new Set<Page>();
      const all = Promise.withResolvers<void>();
      let refreshes = 0;
      await context.route("**/api/v1/users/me", async (route) => {
        const page = route.request().frame().page();
        if (asked.has(page)) return await route.continue();
        asked.add(page);
        if (asked.size === pages.length) all.resolve();
        await all.promise;
        await route.fulfill({ status: 401, json: { code: "token_expired" } });
      });
      // Were they not to take turns, all would be at the door by then, with the same refresh token.
      const patience = new Promise((resolve) => setTimeout(resolve, 500));
      await context.route("**/api/v1/auth/refresh", async (route) => {
        if (++refreshes < pages.length) await patience;
        await route.continue();
      });
      const names = await Promise.all(pages.map((page) =>
        page.evaluate(async () => {
          const { sdk } = globalThis as unknown as App;
          const client = sdk.createClient({ baseUrl: location.origin, cookie: true });
          return (await client.call("user.me", {})).username;
        })
      ));
      assert.deepEqual([names, refreshes], [["alice", "alice", "alice"], 1]);
    }, host));
}
