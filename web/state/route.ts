import { computed, signal } from "@preact/signals";

/** Where in the client a person is. It stands in the address, so that reload and "back" work. */

/** The places of the client; each is a link of the rail. */
export const PAGES = ["chats", "contacts", "admin", "settings"] as const;
export type Page = (typeof PAGES)[number];

/**
 * `#/chat/ID?at=SEQ` is a chat and a message in it, `#/settings/SECTION/ITEM` and the like are parts of the other
 * pages. On a phone a page with a section shows that, without one its list.
 */
export interface Route {
  readonly page: Page;
  /** The conversation's id in `chats`; null where only the list is open. */
  readonly section: string | null;
  /** The message's seq in `chats`. */
  readonly item: string | null;
}

export const route = signal<Route>(parseRoute(location.hash));
/** The chat that is open. */
export const chatId = computed(() => route.value.page === "chats" ? route.value.section : null);
/** The message that the address points at. */
export const chatSeq = computed(() =>
  route.value.page === "chats" && route.value.item !== null ? Number(route.value.item) : null
);

/** The code of an invitation, `#/join/CODE`: asked about above the list of chats. */
export const joinCode = signal(parseJoin(location.hash));

/**
 * The token of an admin link: `/setup#TOKEN`. Empty on any other way to that page, as after a reload; null
 * elsewhere. It is kept in memory only.
 */
export const setupToken = signal<string | null>(takeToken("/setup"));
/** The same of the link with which somebody sets a new password: `/reset#TOKEN`. */
export const resetToken = signal<string | null>(takeToken("/reset"));

addEventListener("hashchange", () => {
  // The admin link opened once more on its own page: only what is behind the # is new, and nothing is loaded.
  if (setupToken.peek() !== null) setupToken.value = takeToken("/setup");
  if (resetToken.peek() !== null) resetToken.value = takeToken("/reset");
  joinCode.value = parseJoin(location.hash);
  route.value = parseRoute(location.hash);
});

/** `#/chats` and everything unknown is the list of chats. */
export function parseRoute(hash: string): Route {
  const chat = /^#\/chat\/([1-9]\d{0,15})(?:\?at=([1-9]\d{0,15}))?$/.exec(hash);
  if (chat) return { page: "chats", section: chat[1], item: chat[2] ?? null };
  const [, name, section = null, item = null] = /^#\/(\w+)(?:\/([\w-]+))?(?:\/([\w-]+))?$/.exec(hash) ?? [];
  const page = PAGES.find((one) => one === name && one !== "chats");
  return page ? { page, section, item } : { page: "chats", section: null, item: null };
}

function parseJoin(hash: string): string | null {
  return /^#\/join\/([\w-]{8,64})$/.exec(hash)?.[1] ?? null;
}

export function chatHref(id: string, seq?: number): string {
  return seq === undefined ? `#/chat/${id}` : `#/chat/${id}?at=${seq}`;
}

export function pageHref(page: Page, section?: string, item?: string): string {
  if (page === "chats" && section === undefined) return "#/";
  return `#/${[page, section, item].filter((part) => part !== undefined).join("/")}`;
}

/** Where somebody sets a new password; what is behind the # is sent to no server and stands in no log. */
export function resetUrl(token: string): string {
  return `${location.origin}/reset#${token}`;
}

/** The address that lets people into a group (`joinCode`). */
export function joinUrl(code: string): string {
  return `${location.origin}/#/join/${code}`;
}

export function openChat(id: string, seq?: number): void {
  location.hash = chatHref(id, seq);
}

export function openPage(page: Page, section?: string, item?: string): void {
  location.hash = pageHref(page, section, item);
}

/** From what was chosen in a list back to the list. */
export function closeSection(): void {
  openPage(route.peek().page);
}

export function closeChat(): void {
  openPage("chats");
}

/** The message that the address pointed at has been gone to: the same link leads to it once more. */
export function arrive(): void {
  const id = chatId.peek();
  if (id === null || chatSeq.peek() === null) return;
  history.replaceState(null, "", chatHref(id));
  route.value = parseRoute(location.hash);
}

/** To the main page, with no trace of where one was: after setting up, after logging out. */
export function goHome(): void {
  history.replaceState(null, "", "/");
  setupToken.value = null;
  resetToken.value = null;
  joinCode.value = null;
  route.value = parseRoute("");
}

/** A secret must not stay in the address bar, where it is seen, bookmarked and kept in the history. */
function takeToken(path: string): string | null {
  if (location.pathname !== path) return null;
  const token = location.hash.slice(1);
  history.replaceState(null, "", path);
  return token;
}
