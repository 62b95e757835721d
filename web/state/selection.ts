import { computed, signal } from "@preact/signals";
import type { ViewMessage } from "../../sdk/mod.ts";
import { chat } from "./chat.ts";

/** As many as go on, or away, in one call. */
const MAX_SELECTED = 100;

interface Selection {
  readonly conversationId: string;
  readonly messages: ReadonlyMap<number, ViewMessage>;
}

const chosen = signal<Selection | null>(null);

/** The messages of the open chat that are chosen, in their order; null while nothing is being chosen. */
export const selection = computed<readonly ViewMessage[] | null>(() => {
  if (!chosen.value || chosen.value.conversationId !== chat.value?.id) return null;
  // As they are now, where the chat still holds them: recalled meanwhile, say.
  const now = new Map(chat.value.messages.value.map((message) => [message.seq, message]));
  return [...chosen.value.messages.values()].map((one) => now.get(one.seq) ?? one).sort((a, b) =>
    a.seq - b.seq
  );
});

/** Takes a message in, or lets go of it; the first one begins the choosing. */
export function toggleSelected(conversationId: string, message: ViewMessage): void {
  const before = chosen.peek()?.conversationId === conversationId ? chosen.peek()!.messages : new Map();
  const messages = new Map<number, ViewMessage>(before);
  if (!messages.delete(message.seq) && messages.size < MAX_SELECTED) messages.set(message.seq, message);
  chosen.value = { conversationId, messages };
}

export function stopSelecting(): void {
  chosen.value = null;
}
