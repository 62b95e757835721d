import type { BrowserContext, Page } from "playwright-core";

/**
 * Watches everything that ever comes into a page's document for what a text must never become: an element that runs or
 * embeds something, an attribute that listens, an address that is no link or not this server's. From the first script on.
 */
export async function watchForIntruders(context: BrowserContext): Promise<void> {
  await context.addInitScript(watch);
}

/** What should not have been there, each once. */
export async function intruders(page: Page): Promise<string[]> {
  return await page.evaluate(() => (globalThis as unknown as Watched).intruders());
}

/** The marks (`⟦x7⟧`) that were shown so far. */
export async function shownMarks(page: Page): Promise<string[]> {
  return await page.evaluate(() => [...(globalThis as unknown as Watched).marks]);
}

interface Watched {
  intruders(): string[];
  marks: Set<string>;
}

/** Runs in the page. */
function watch(): void {
  const found = new Set<string>();
  const marks = new Set<string>();
  const forbidden =
    "iframe, frame, object, embed, base, math, marquee, template, foreignObject, animate, set, " +
    "svg script, svg a, svg use, body script, body style, body link, body meta, isindex, x";

  const addressOf = (value: string) => {
    try {
      return new URL(value, location.href);
    } catch {
      return null;
    }
  };
  const wrong = (element: Element, { name, value }: Attr): boolean => {
    if (name.startsWith("on") || ["srcdoc", "style", "ping", "formaction"].includes(name)) {
      return !own(element, name);
    }
    const url = addressOf(value);
    if (["href", "xlink:href", "action"].includes(name)) {
      return url === null || !["http:", "https:", "blob:"].includes(url.protocol);
    }
    if (!["src", "srcset", "poster", "data", "background"].includes(name)) return false;
    return url === null || (url.origin !== location.origin && url.protocol !== "blob:");
  };
  // What the client sets as a property of its own elements shows as an attribute: a height, say.
  const own = (element: Element, name: string) =>
    name === "style" && !/url\(|expression|import/i.test(element.getAttribute("style") ?? "");

  const look = (element: Element) => {
    const tag = element.outerHTML.slice(0, 200);
    if (element.matches(forbidden)) found.add(tag);
    for (const attribute of element.attributes) {
      if (wrong(element, attribute)) found.add(`${attribute.name} of ${tag}`);
    }
  };
  const lookAll = (node: Node) => {
    for (const [, mark] of (node.textContent ?? "").matchAll(/⟦(\w+)⟧/g)) marks.add(mark);
    if (!(node instanceof Element)) return;
    look(node);
    for (const inner of node.querySelectorAll("*")) look(inner);
  };
  new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "attributes") look(target as Element);
      else if (type === "characterData") lookAll(target);
      else for (const node of addedNodes) lookAll(node);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  Object.assign(globalThis, { intruders: () => [...found], marks });
}
