import { CachedSource } from "./cached_source.ts";
import type { Client } from "./client.ts";
import type { ClientCache } from "./client_cache.ts";
import { ConversationView, type ViewSource } from "./conversation_view.ts";
import type { Outbox } from "./outbox.ts";

export interface OpenViewOptions {
  conversationId: string;
  /** Whose unsent messages are shown, see `openOutbox`. */
  outbox?: Outbox;
  /** Shown while there is no connection, and kept for the next time. */
  cache?: ClientCache;
  /** How many messages a page of history has. Default 50. */
  pageSize?: number;
  /** See ConversationViewOptions. */
  maxMessages?: number;
  /** Closes the view. */
  signal?: AbortSignal;
}

/** A view that the client's connection keeps up to date, through losses of connection too, until it is closed. */
export function openView(client: Client, options: OpenViewOptions): ConversationView {
  const { conversationId, outbox, cache, maxMessages, pageSize = 50 } = options;
  /** Where the stay began that the view shows; 0 before that is known. */
  let firstSeq = 0;
  const asked: ViewSource = {
    head: async (signal) => {
      const head = await client.call("conversation.get", { conversationId }, { signal });
      firstSeq = head.firstSeq;
      return head;
    },
    history: (before, signal, limit = pageSize) => {
      const input = { conversationId, limit, ...(before !== undefined && { before }) };
      return client.call("message.history", input, { signal });
    },
    read: (after, signal, limit) => client.call("log.read", { conversationId, after, limit }, { signal }),
  };
  const isOnline = () => client.state.state === "online";
  const cached = cache && new CachedSource(asked, { cache, conversationId, isOnline });
  const view = new ConversationView({
    conversationId,
    outbox,
    maxMessages,
    userId: () => client.userId,
    source: cached ?? asked,
  });
  const offs = [
    view.on("change", () => {
      // It was read from the cache while the connection came.
      if (cached?.stale && view.state === "ready" && isOnline()) view.restart();
      else cached?.keep(view);
    }),
    client.on("log.append", (append) => {
      if (append.conversationId === conversationId) view.push(append.entries);
    }),
    client.on("inbox", ({ kind, content }) => {
      if (content.conversationId !== conversationId) return;
      if (kind === "message.hidden") view.hide(content.seqs as number[]);
      // Who comes back sees neither what was said meanwhile, a hole that cannot be filled, nor what was before.
      if (kind === "conversation.joined" && firstSeq < Number(content.seq)) view.restart();
    }),
    client.on("sync", ({ restart }) => restart || cached?.stale ? view.restart() : view.sync()),
  ];
  view.signal.addEventListener("abort", () => {
    cached?.flush();
    offs.forEach((off) => off());
  });
  options.signal?.addEventListener("abort", () => view.close());
  if (options.signal?.aborted) view.close();
  // Whoever calls `load` hears of its failure; the others see it as the state.
  else view.load().catch(() => {});
  return view;
}
