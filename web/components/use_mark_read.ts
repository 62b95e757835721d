import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Chat } from "../state/chat.ts";
import { watched } from "../state/conversations.ts";
import { online } from "../state/server.ts";

/**
 * Marks a chat read while its newest message is in view of somebody: the page shown and focused, the list
 * scrolled to its end. Returns where the list says whether it is.
 */
export function useMarkRead(chat: Chat): Signal<boolean> {
  const atBottom = useSignal(true);
  const looking = useSignal(isLooking());
  useEffect(() => {
    const look = () => looking.value = isLooking();
    const stop = new AbortController();
    addEventListener("focus", look, { signal: stop.signal });
    addEventListener("blur", look, { signal: stop.signal });
    document.addEventListener("visibilitychange", look, { signal: stop.signal });
    return () => stop.abort();
  }, []);
  useSignalEffect(() => {
    watched.value = looking.value && atBottom.value && chat.newer.value === "none" ? chat.id : null;
    // Told again after a reconnect: what was told last may have been lost with the connection.
    if (watched.value && online.value && chat.messages.value.length + chat.events.value.length > 0) {
      chat.markRead();
    }
  });
  useEffect(() => () => void (watched.value = null), []);
  return atBottom;
}

function isLooking(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}
