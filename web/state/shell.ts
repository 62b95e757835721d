import { signal } from "@preact/signals";
import { openChat } from "./route.ts";
import { client } from "./server.ts";

/** The page's own files, kept by a service worker (web/worker/sw.ts). Browsers have those on https and localhost only. */

/** The server has a newer page than this one, and it is here already. */
export const hasUpdate = signal(false);

/** How often a newer page is asked for at most, beside what the browser does by itself. */
const LOOK_MS = 10 * 60_000;
let lookedAt = Date.now();
const workers: ServiceWorkerContainer | undefined = navigator.serviceWorker;
const hadController = Boolean(workers?.controller);

/** Keeps the page in this browser, and hears of newer ones. */
export async function keepShell(): Promise<void> {
  if (!workers) return;
  workers.addEventListener("message", ({ data }) => {
    const chat = /#\/chat\/([1-9][0-9]{0,15})$/.exec(String(data?.open));
    if (chat) openChat(chat[1]);
  });
  try {
    const registration = await workers.register("/sw.js");
    const look = () => hasUpdate.value ||= registration.waiting !== null && registration.active !== null;
    look();
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", look);
    });
  } catch {
    // Storage is full or forbidden: then the page needs its server to open.
  }
}

/** Opens the page again, in its newest version. */
export async function reloadPage(): Promise<void> {
  const registration = await workers?.getRegistration().catch(() => undefined);
  await registration?.update().catch(() => {});
  const next = registration?.waiting ?? registration?.installing;
  if (!workers || !next) return location.reload();
  workers.addEventListener("controllerchange", () => location.reload());
  const takeOver = () => {
    if (next.state === "installed") next.postMessage("take over");
    if (next.state === "redundant") location.reload();
  };
  next.addEventListener("statechange", takeOver);
  takeOver();
}

// A server that was away may have come back as a newer one.
client.on("session.ready", () => {
  if (Date.now() - lookedAt < LOOK_MS) return;
  lookedAt = Date.now();
  void workers?.getRegistration().then((registration) => registration?.update()).catch(() => {});
});
// Another tab has taken the newer page: this one is the older now.
workers?.addEventListener("controllerchange", () => hasUpdate.value ||= hadController);
