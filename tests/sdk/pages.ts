import type { Browser, BrowserContext, Page } from "playwright-core";
import { ROOT } from "../support/server.ts";

/** Pages of a server's own origin that are not the web client: all they have is the package. */

export type Sdk = typeof import("../../sdk/mod.ts");
export type Internals = typeof import("./internals.ts");

/** A name that is no localhost: on plain http its pages have no `navigator.locks`. */
export const PLAIN_HOST = "imserver.test";

export async function openBrowser(): Promise<Browser> {
  // Loading Playwright looks into /proc for signs of Windows, which Deno lets only --allow-all do; so told, it does not.
  Deno.env.set("__IS_WSL_TEST__", "1");
  const { chromium } = await import("playwright-core");
  return await chromium.launch({
    executablePath: Deno.env.get("IMSERVER_CHROMIUM") || "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--no-proxy-server",
      // Pages that come from the test have no address, and so count as strangers to a server on this machine.
      "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets",
      `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
    ],
  });
}

const PAGE = `<!doctype html><title>sdk</title><link rel="icon" href="data:,"><script type="module">
globalThis.sdk = await import("./imserver.js");
globalThis.internals = await import("./internals.js");
globalThis.isLoaded = true;
</script>`;

let internals: Promise<string> | undefined;

async function bundleInternals(): Promise<string> {
  const args = ["bundle", "--quiet", "--platform=browser", "tests/sdk/internals.ts"];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  if (!success) throw new Error("cannot bundle tests/sdk/internals.ts");
  return new TextDecoder().decode(stdout);
}

/** One browser of one person. Its pages come from here, so they can be reloaded when the server is away. */
export async function openContext(browser: Browser, url: string): Promise<BrowserContext> {
  const context = await browser.newContext();
  context.setDefaultTimeout(15_000);
  const files = new Map([
    ["", ["text/html", PAGE]],
    ["imserver.js", ["text/javascript", await Deno.readTextFile(`${ROOT}dist/sdk/imserver.js`)]],
    ["internals.js", ["text/javascript", await (internals ??= bundleInternals())]],
  ]);
  await context.route(`${url}/sdk-test/*`, (route) => {
    const [contentType, body] =
      files.get(new URL(route.request().url()).pathname.slice("/sdk-test/".length)) ?? [];
    return route.fulfill(body === undefined ? { status: 404 } : { contentType, body });
  });
  return context;
}

export async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}/sdk-test/`);
  await loaded(page);
  return page;
}

export async function reload(page: Page): Promise<void> {
  await page.reload();
  await loaded(page);
}

async function loaded(page: Page): Promise<void> {
  await page.waitForFunction(() => "isLoaded" in globalThis);
}
