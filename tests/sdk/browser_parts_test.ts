import assert from "node:assert/strict";
import { MemoryOutboxStore } from "../../sdk/outbox_store.ts";
import { type Internals, openBrowser, openContext, openPage, PLAIN_HOST } from "./pages.ts";
import { storeCases } from "./outbox_store_cases.ts";

/** The SDK's parts that only a browser has, in one; no server is needed for them. */

for (const { name, run, shared } of storeCases) {
  if (!shared) Deno.test(`OutboxStore in memory: ${name}`, () => run(() => new MemoryOutboxStore()));
}

const ORIGIN = `http://${PLAIN_HOST}`;

Deno.test("OutboxStore in IndexedDB keeps to the contract", async (test) => {
  const browser = await openBrowser();
  const page = await openPage(await openContext(browser, ORIGIN), ORIGIN);
  for (const { name } of storeCases) {
    await test.step(name, () =>
      page.evaluate(async (name) => {
        const { internals } = globalThis as unknown as { internals: Internals };
        const one = internals.storeCases.find((one) => one.name === name);
        await one?.run(() => new internals.IndexedDbOutboxStore("test"));
      }, name));
  }
  await browser.close();
});

Deno.test("withTabLock on plain http: one tab at a time, also after one that was closed with the lock", async () => {
  const browser = await openBrowser();
  const context = await openContext(browser, ORIGIN);
  let inside = 0;
  let most = 0;
  let visits = 0;
  await context.exposeFunction("enter", () => (most = Math.max(most, ++inside), visits++));
  await context.exposeFunction("leave", () => void inside--);
  const pages = await Promise.all([1, 2, 3].map(() => openPage(context, ORIGIN)));
  type Tab = { internals: Internals; enter(): Promise<void>; leave(): Promise<void> };

  const waited = await Promise.all(pages.map((page) =>
    page.evaluate(async () => {
      const { internals, enter, leave } = globalThis as unknown as Tab;
      const options = { signal: AbortSignal.timeout(15_000), expiresMs: 10_000 };
      const turns: boolean[] = [];
      for (let n = 0; n < 5; n++) {
        await internals.withTabLock("test", async (waited) => {
          turns.push(waited);
          await enter();
          await leave();
        }, options);
      }
      return turns;
    })
  ));
  assert.deepEqual([most, visits, inside], [1, 15, 0]);
  assert(waited.flat().includes(true) && waited.flat().includes(false), "some had to wait, and not all");

  // Whoever waits may give up, and a lock that nobody can give back any more runs out.
  const result = await pages[0].evaluate(async () => {
    const { internals } = globalThis as unknown as Tab;
    const options = { signal: AbortSignal.timeout(15_000), expiresMs: 600 };
    await new Promise<void>((held) => {
      void internals.withTabLock("test", () => (held(), new Promise(() => {})), options);
    });
    const impatient = internals.withTabLock("test", () => Promise.resolve(), {
      ...options,
      signal: AbortSignal.timeout(50),
    });
    return await impatient.catch((error) => error.name);
  });
  assert.equal(result, "TimeoutError");
  await pages[0].close();
  const came = await pages[1].evaluate(async () => {
    const { internals } = globalThis as unknown as Tab;
    const options = { signal: AbortSignal.timeout(15_000), expiresMs: 600 };
    let came = false;
    await internals.withTabLock("test", () => Promise.resolve(void (came = true)), options);
    return came;
  });
  assert.equal(came, true);
  await browser.close();
});
