import type { Browser } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { type Scene, stage } from "./stage.ts";

// One for all tests of a file: starting it takes longer than most of them.
let browser: Browser;
Deno.test.beforeAll(async () => void (browser = await openBrowser()));
Deno.test.afterAll(() => browser.close());

/** A test with a server of its own. */
export function scene(name: string, play: (scene: Scene) => Promise<void>): void {
  Deno.test(name, () => stage(name, browser, play));
}
