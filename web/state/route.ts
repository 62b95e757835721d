import { signal } from "@preact/signals";

/** Where in the client a person is. It stands in the address, so that reload and "back" work. */

export const chatId = signal<string | null>(readChatId());

/**
 * The token of an admin link: `/setup#TOKEN`. Empty on any other way to that page, as after a reload; null
 * elsewhere. It is kept in memory only.
 */
export const setupToken = signal<string | null>(takeSetupToken());

addEventListener("hashchange", () => {
  // The admin link opened once more on its own page: only what is behind the # is new, and nothing is loaded.
  if (setupToken.peek() !== null) setupToken.value = takeSetupToken();
  chatId.value = readChatId();
});

export function chatHref(id: string): string {
  return `#/chat/${id}`;
}

export function openChat(id: string): void {
  location.hash = chatHref(id);
}

export function closeChat(): void {
  location.hash = "#/";
}

/** To the main page, with no trace of where one was: after setting up, after logging out. */
export function goHome(): void {
  history.replaceState(null, "", "/");
  setupToken.value = null;
  chatId.value = null;
}

function readChatId(): string | null {
  return /^#\/chat\/([1-9][0-9]{0,15})$/.exec(location.hash)?.[1] ?? null;
}

/** A secret must not stay in the address bar, where it is seen, bookmarked and kept in the history. */
function takeSetupToken(): string | null {
  if (location.pathname !== "/setup") return null;
  const token = location.hash.slice(1);
  history.replaceState(null, "", "/setup");
  return token;
}
