/**
 * The service worker: the page's own files, kept so that it opens without its server, and the click on a notification.
 * It answers for those files alone; whatever else is asked, all of the API above all, goes past it.
 */

/** A path of the shell and its `integrity`. The build puts them in front of this script (tasks/precache.ts). */
interface Shell {
  version: string;
  files: readonly [path: string, integrity: string][];
}

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Waiting {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Clicked extends Waiting {
  notification: Notification;
}
interface Page {
  url: string;
  focused: boolean;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}
/** What is used of a ServiceWorkerGlobalScope, whose types cannot stand beside those of a page. */
interface Worker extends EventTarget {
  SHELL: Shell;
  location: Location;
  skipWaiting(): Promise<void>;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
}

const worker = self as unknown as Worker;
const { version, files } = worker.SHELL;
const PREFIX = "imserver.shell.";
const mine = PREFIX + version;
const paths = new Set(files.map(([path]) => path));

/** All of it or nothing: with `integrity`, never files of two versions while a cluster is being updated. */
async function install(): Promise<void> {
  const shell = await caches.open(mine);
  await Promise.all(files.map(async ([path, integrity]) => {
    const response = await fetch(path, { integrity, cache: "no-cache", credentials: "same-origin" });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    await shell.put(path, response);
  }));
}

/** The version before stays: a page of it that is still open may yet load a part of itself. */
async function activate(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== mine);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function answer(path: string, request: Request): Promise<Response> {
  const kept = await (await caches.open(mine)).match(path) ?? await caches.match(path);
  return kept ?? await fetch(request);
}

/** The page's path, without what is behind it. Null: not of the shell. */
function pathOf({ method, url, mode }: Request): string | null {
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== worker.location.origin) return null;
  if (mode === "navigate" && pathname !== "/") return null;
  // An older page's part: its name has the hash of what is in it.
  return paths.has(pathname) || /^\/[\w.-]+-[0-9A-Za-z]{8}\.(js|css)$/.test(pathname) ? pathname : null;
}

/** Shows the conversation in a page that is open, or opens one. */
async function open(url: string): Promise<void> {
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ focused }) => focused) ?? pages.find((one) => new URL(one.url).pathname === "/");
  if (!page) return void await worker.clients.openWindow(url);
  page.postMessage({ open: url });
  // A browser may refuse it; the page shows the conversation all the same.
  await page.focus().catch(() => {});
}

const on = <E extends Event>(name: string, hear: (event: E) => void) =>
  worker.addEventListener(name, hear as (event: Event) => void);

on<Waiting>("install", (event) => event.waitUntil(install()));
on<Waiting>("activate", (event) => event.waitUntil(activate()));
on<Asked>("fetch", (event) => {
  const path = pathOf(event.request);
  if (path !== null) event.respondWith(answer(path, event.request));
});
on<Waiting & MessageEvent>("message", ({ data }) => {
  if (data === "take over") void worker.skipWaiting();
});
on<Clicked>("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(String(event.notification.data ?? "/")));
});
