import { chatId, openPage, route } from "./route.ts";
import { filterSearch } from "./search_filter.ts";

/** Goes to where one searches; on a phone that takes the place of the chat. */
function toSearch(): void {
  const input = () => document.querySelector<HTMLInputElement>(".sidebar input[type=search]");
  if (route.peek().page !== "chats" || input()?.offsetParent === null) openPage("chats");
  requestAnimationFrame(() => input()?.focus());
}

/** For everything. */
export function searchAll(): void {
  filterSearch({ conversationId: null });
  toSearch();
}

/** For messages of the chat that is open. */
export function searchHere(): void {
  filterSearch({ conversationId: chatId.peek() });
  toSearch();
}
