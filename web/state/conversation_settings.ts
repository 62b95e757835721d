import type { Conversation, Input } from "../../sdk/mod.ts";
import { applyRead, conversationOf, put } from "./conversations.ts";
import { client } from "./server.ts";
import { tell } from "./settings.ts";
import { toastError } from "./toasts.ts";

/** What one sets for oneself in a conversation. It shows at once, and is taken back with a word if it fails. */

type Change = Omit<Input<"conversation.configure">, "conversationId" | "draft">;

export async function configure({ id }: Conversation, change: Change): Promise<void> {
  const before = conversationOf(id);
  if (before) put([{ ...before, settings: { ...before.settings, ...shown(change) } }]);
  try {
    keep(id, await client.call("conversation.configure", { conversationId: id, ...change }));
  } catch (error) {
    if (before) keep(id, before.settings);
    toastError(tell(error));
  }
}

export async function markRead({ id, lastSeq }: Conversation): Promise<void> {
  try {
    const marker = await client.call("conversation.markRead", { conversationId: id, seq: lastSeq });
    applyRead({ conversationId: id, ...marker });
  } catch (error) {
    toastError(tell(error));
  }
}

function shown({ pinned, ...change }: Change): Partial<Conversation["settings"]> {
  return pinned === undefined ? change : { ...change, pinnedAt: pinned ? Date.now() : null };
}

function keep(id: string, settings: Conversation["settings"]): void {
  const one = conversationOf(id);
  if (one) put([{ ...one, settings }]);
}
