import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";

/** What in the page keeps people out, seriously or altogether, by axe-core: the rule, and where. */
export async function barriers(page: Page): Promise<string[]> {
  // Through the debugger, where the page's policy is not in the way; it stays as strict as it is.
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) =>
          `${id}: ${target.join(" ")} ${failureSummary?.replaceAll(/\s+/g, " ")}`
        )
      );
  });
}

/** None in both themes: colours differ. Motion is over when it is looked at. */
export async function keepsNobodyOut(page: Page, view: string): Promise<void> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    found.push(...(await barriers(page)).map((one) => `${view}, ${colorScheme}: ${one}`));
  }
  assert.deepEqual(found, []);
}
