import assert from "node:assert/strict";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, ConsoleMessage, Page } from "playwright-core";
import { ROOT } from "./server.ts";

/** A real Chromium, and people in it who notice whatever goes wrong on their pages. */

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Longer than anything should take on a busy machine; nothing waits so long when all is well. */
const TIMEOUT_MS = 15_000;

/** With an empty profile. `env` adds to the environment, where fonts come from for instance; `flags` to Chromium's. */
export async function openBrowser(
  env: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<Browser> {
  // Loading Playwright looks into /proc for signs of Windows, which Deno lets only --allow-all do; so told, it does not.
  Deno.env.set("__IS_WSL_TEST__", "1");
  const { chromium } = await import("playwright-core");
  return await chromium.launch({
    executablePath: Deno.env.get("IMSERVER_CHROMIUM") || "/usr/bin/chromium",
    args: [...FLAGS, ...flags],
    env: { ...Deno.env.toObject(), ...env },
  });
}

/**
 * One browser of one person: cookies of their own, and all that their pages complain of (errors, warnings,
 * violations of the content security policy, requests to another host) gathered as problems.
 */
export class Visitor implements AsyncDisposable {
  readonly #problems: string[] = [];
  readonly #expected: RegExp[] = [];
  /** How many times a page has yet to hear that it is nobody's. */
  readonly #guestAnswers = new WeakMap<Page, number>();

  protected constructor(readonly url: string, readonly context: BrowserContext, readonly page: Page) {
    context.on("console", (message) => this.#hear(message));
    context.on("weberror", (error) => this.#complain(`error: ${error.error().stack ?? error.error()}`));
    context.on("request", (request) => this.#check(request.url()));
    context.on("page", (page) => this.#watch(page));
    this.#watch(page);
  }

  protected static async contextOf(
    browser: Browser,
    options: BrowserContextOptions,
  ): Promise<BrowserContext> {
    const context = await browser.newContext({
      viewport: { width: 1180, height: 760 },
      locale: "en-US",
      colorScheme: "light",
      ...options,
    });
    context.setDefaultTimeout(TIMEOUT_MS);
    return context;
  }

  /** From here on a problem that matches is none: the test brings it about. */
  expect(...patterns: RegExp[]): void {
    this.#expected.push(...patterns);
  }

  /** What went wrong so far, and forgets it. */
  takeProblems(): string[] {
    return this.#problems.splice(0).filter((problem) =>
      !this.#expected.some((pattern) => pattern.test(problem))
    );
  }

  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path, animations: "disabled", caret: "hide" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }

  #watch(page: Page): void {
    page.on("websocket", (socket) => this.#check(socket.url()));
    page.on("request", (request) => {
      if (!request.isNavigationRequest()) return;
      this.#guestAnswers.set(page, (this.#guestAnswers.get(page) ?? 0) + 1);
    });
    page.on("crash", () => this.#complain("the page crashed"));
  }

  #hear(message: ConsoleMessage): void {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const { url } = message.location();
    const page = message.page();
    // A page that is opened asks once who it belongs to, and a guest learns that it is nobody.
    if (page && url === `${this.url}/api/v1/users/me` && / 401 /.test(message.text())) {
      const due = this.#guestAnswers.get(page) ?? 0;
      if (due > 0) return void this.#guestAnswers.set(page, due - 1);
    }
    this.#complain(`console ${message.type()}: ${message.text()} (${url})`);
  }

  #check(url: string): void {
    const { protocol, host } = new URL(url);
    if (protocol === "data:" || protocol === "blob:") return;
    if (host !== new URL(this.url).host) this.#complain(`asks another host: ${url}`);
  }

  #complain(problem: string): void {
    this.#problems.push(problem);
  }
}

/** Looks until it sees what it should, and says how the two differ if it never does. */
export async function eventually<T>(
  look: () => Promise<T>,
  wanted: T,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    try {
      return assert.deepEqual(seen, wanted);
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** Fails if anybody had a problem. */
export function assertNoProblems(visitors: Iterable<Visitor>): void {
  assert.deepEqual([...visitors].flatMap((visitor) => visitor.takeProblems()), []);
}

/** For a test that failed: what everybody saw, in .tmp/browser/, and what their pages complained of. */
export async function report(name: string, visitors: Iterable<Visitor>): Promise<void> {
  for (const [index, visitor] of [...visitors].entries()) {
    const path = join(ROOT, ".tmp/browser", `${name.replaceAll(/[^\p{L}\p{N}]+/gu, "-")}-${index + 1}.png`);
    await visitor.screenshot(path).then(() => console.error(`  seen: ${path}`), () => {});
    for (const problem of visitor.takeProblems()) console.error(`  problem: ${problem}`);
  }
}
