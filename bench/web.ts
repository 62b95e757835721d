import { join } from "node:path";
import type { Browser, CDPSession, Page } from "playwright-core";
import { openBrowser } from "../tests/support/browser.ts";
import { type Person, register, rest } from "../tests/support/people.ts";
import { type Server, startServer, tempFolder } from "../tests/support/server.ts";
import { fill } from "./history.ts";
import { median } from "./proc.ts";

const MESSAGES = 100_000;
const LOADS = 3;
const SCROLL_MS = 10_000;
const WHEEL_PX = 500;
const TIMEOUT_MS = 120_000;

/** What Lighthouse calls a slow 4G network, and a quarter of this machine's CPU. */
const LATENCY_MS = 150;
const BYTES_PER_SECOND = 1_600_000 / 8;
const CPU_SLOWDOWN = 4;

/**
 * The web client in Chromium. Medians of loads with an empty cache on a throttled profile: first paint, when one can type
 * (as a guest, and into an open conversation of 100,000 messages), bytes. Then, not throttled, that conversation scrolled up by the wheel
 * as fast as it goes: frames a second, the slowest in twenty, and how much was passed.
 */
export async function web(): Promise<Record<string, number>> {
  using data = tempFolder();
  const args = ["--rate-limit-scale=0"];
  let server = await startServer({ dataDir: data.path, flavour: "dist", args });
  const me = await register(server.url);
  const other = await register(server.url);
  const { id } = await rest(server.url, "conversation.openDirect", { userId: other.id }, me.accessToken);
  await server.stop();
  fill(join(data.path, "imserver.db"), Number(id), Number(other.id), MESSAGES);
  server = await startServer({ dataDir: data.path, flavour: "dist", args });
  // Else it would open at its beginning, where it is new.
  await rest(server.url, "conversation.markRead", { conversationId: id, seq: MESSAGES }, me.accessToken);
  try {
    await using browser = await openBrowser();
    const guests = [];
    for (let load = 0; load < LOADS; load++) guests.push(await loadAsGuest(browser, server));
    const chats = [];
    for (let load = 0; load < LOADS; load++) chats.push(await loadChat(browser, server, me, id));
    return {
      ...medians(guests),
      ...medians(chats),
      ...await scroll(browser, server, me, id),
    };
  } finally {
    await server.stop();
  }
}

async function loadAsGuest(browser: Browser, { url }: Server) {
  const page = await newPage(browser);
  const transferred = await throttle(page);
  await page.goto(url, { waitUntil: "commit" });
  // One can type once the field has its listener, which comes with it.
  const interactiveMs = await sinceStart(page, "form input");
  await page.waitForLoadState("load");
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  const figures = await page.evaluate(() => ({
    firstPaintMs: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    scriptBytes: (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  }));
  await page.context().close();
  return {
    guestPaintMs: figures.firstPaintMs,
    guestInteractiveMs: interactiveMs,
    guestScriptBytes: figures.scriptBytes,
    guestTransferredBytes: transferred(),
  };
}

async function loadChat(browser: Browser, { url }: Server, me: Person, id: string) {
  const page = await newPage(browser);
  await logIn(page, url, me);
  const transferred = await throttle(page);
  await page.goto(`${url}/#/chat/${id}`, { waitUntil: "commit" });
  const interactiveMs = await sinceStart(page, ".composer textarea");
  await page.getByTestId("message").last().waitFor();
  await page.context().close();
  return { chatInteractiveMs: interactiveMs, chatTransferredBytes: transferred() };
}

/** By the wheel, and faster than anyone turns one; the intervals between frames are the page's own. */
async function scroll(browser: Browser, { url }: Server, me: Person, id: string) {
  const page = await newPage(browser);
  await logIn(page, url, me);
  await page.goto(`${url}/#/chat/${id}`);
  const list = page.locator(".messages");
  await page.getByTestId("message").last().waitFor();
  const { x, y, width, height } = (await list.boundingBox())!;
  await page.mouse.move(x + width / 2, y + height / 2);
  const seen = () =>
    page.getByTestId("message-text").first().textContent().then((text) =>
      Number(/\d+/.exec(text ?? "")?.[0])
    );
  const from = await seen();
  await page.evaluate(() => {
    const frames: number[] = [];
    const next = (at: number) => {
      frames.push(at);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    Object.assign(globalThis, { frames });
  });
  const end = performance.now() + SCROLL_MS;
  while (performance.now() < end) await page.mouse.wheel(0, -WHEEL_PX);
  const intervals = await page.evaluate(() => {
    const { frames } = globalThis as unknown as { frames: number[] };
    return frames.slice(1).map((at, i) => at - frames[i]);
  });
  const passed = from - await seen();
  if (!(passed > 0)) throw new Error("void: nothing was scrolled");
  const elements = await page.evaluate(() => document.querySelectorAll("*").length);
  await page.context().close();
  const sorted = intervals.toSorted((a, b) => a - b);
  return {
    scrollFramesPerSecond: round(1000 * intervals.length / intervals.reduce((sum, one) => sum + one, 0)),
    scrollFrameP95Ms: round(sorted[Math.floor(sorted.length * 0.95)]),
    scrollFrameMaxMs: round(sorted[sorted.length - 1]),
    scrolledMessages: passed,
    elementsAfter: elements,
  };
}

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1180, height: 760 }, locale: "en-US" });
  context.setDefaultTimeout(TIMEOUT_MS);
  return await context.newPage();
}

async function logIn(page: Page, url: string, { username }: Person): Promise<void> {
  const answer = await page.context().request.post(`${url}/api/v1/auth/login`, {
    data: { username, password: "correct horse battery", cookie: true },
    headers: { origin: url },
  });
  if (!answer.ok()) throw new Error(`cannot log in: ${await answer.text()}`);
}

/** Answers what the page has received since, in bytes on the wire. */
async function throttle(page: Page): Promise<() => number> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  let bytes = 0;
  cdp.on("Network.loadingFinished", ({ encodedDataLength }) => bytes += encodedDataLength);
  cdp.on("Network.webSocketFrameReceived", ({ response }) => bytes += response.payloadData.length);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: LATENCY_MS,
    downloadThroughput: BYTES_PER_SECOND,
    uploadThroughput: BYTES_PER_SECOND / 2,
  });
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  return () => bytes;
}

/** When, by the page's clock, an element is there, since the navigation began. */
async function sinceStart(page: Page, selector: string): Promise<number> {
  const handle = await page.waitForFunction(
    (selector) => document.querySelector(selector) && performance.now(),
    selector,
    { polling: "raf", timeout: TIMEOUT_MS },
  );
  return await handle.jsonValue() as number;
}

function medians<T extends Record<string, number>>(runs: T[]): Record<string, number> {
  const names = Object.keys(runs[0]);
  return Object.fromEntries(names.map((name) => [name, round(median(runs.map((run) => run[name])))]));
}

const round = (value: number) => Math.round(value * 10) / 10;
