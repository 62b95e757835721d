import type { Client } from "./client.ts";
import { ConversationView } from "./conversation_view.ts";
import type { Outbox } from "./outbox.ts";

export interface OpenViewOptions {
  conversationId: string;
  /** Whose unsent messages are shown, see `openOutbox`. */
  outbox?: Outbox;
  /** How many messages a page of history has. Default 50. */
  pageSize?: number;
  /** Closes the view. */
  signal?: AbortSignal;
}

/** A view that the client's connection keeps up to date, through losses of connection too, until it is closed. */
export function openView(client: Client, options: OpenViewOptions): ConversationView {
  const { conversationId, outbox, pageSize = 50 } = options;
  /** Where the stay began that the view shows; 0 before that is known. */
  let firstSeq = 0;
  const view = new ConversationView({
    conversationId,
    outbox,
    userId: () => client.userId,
    source: {
      head: async (signal) => {
        const head = await client.call("conversation.get", { conversationId }, { signal });
        firstSeq = head.firstSeq;
        return head;
      },
      history: (before, signal) => {
        const input = { conversationId, limit: pageSize, ...(before !== undefined && { before }) };
        return client.call("message.history", input, { signal });
      },
      read: (after, signal) => client.call("log.read", { conversationId, after }, { signal }),
    },
  });
  const offs = [
    client.on("log.append", (append) => {
      if (append.conversationId === conversationId) view.push(append.entries);
    }),
    client.on("inbox", ({ kind, content }) => {
      if (content.conversationId !== conversationId) return;
      if (kind === "message.hidden") view.hide(content.seqs as number[]);
      // Who comes back sees neither what was said meanwhile, a hole that cannot be filled, nor what was before.
      if (kind === "conversation.joined" && firstSeq < Number(content.seq)) view.restart();
    }),
    client.on("sync", ({ restart }) => restart ? view.restart() : view.sync()),
  ];
  view.signal.addEventListener("abort", () => offs.forEach((off) => off()));
  options.signal?.addEventListener("abort", () => view.close());
  if (options.signal?.aborted) view.close();
  // Whoever calls `load` hears of its failure; the others see it as the state.
  else view.load().catch(() => {});
  return view;
}
