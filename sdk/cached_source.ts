import type { Entry } from "../wire/schemas.ts";
import type { ClientCache, KeptView } from "./client_cache.ts";
import type { ConversationView, ViewSource } from "./conversation_view.ts";
import type { AnyEntry, ViewMessage } from "./view_message.ts";

export interface CachedSourceOptions {
  cache: ClientCache;
  conversationId: string;
  isOnline(): boolean;
  /** The page that comes is this one, and not the server's. */
  onKept?(kept: KeptView): void;
}

/** A view that changes often is kept once in a while. */
const KEEP_MS = 1000;

/**
 * A view's source that answers its first page from a cache while there is no connection. What then is shown is stale:
 * with a connection the view has to `restart`, because a log does not tell everything (what was deleted for oneself).
 */
export class CachedSource implements ViewSource {
  #kept: KeptView | undefined;
  #firstSeq = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #keep: (() => void) | undefined;

  constructor(private readonly source: ViewSource, private readonly options: CachedSourceOptions) {}

  /** Whether what the view shows is from the cache. */
  get stale(): boolean {
    return this.#kept !== undefined;
  }

  async head(signal: AbortSignal): Promise<{ firstSeq: number; lastSeq: number }> {
    const { cache, conversationId, isOnline } = this.options;
    this.#kept = isOnline() ? undefined : await cache.view(conversationId);
    const head = this.#kept ?? await this.source.head(signal);
    this.#firstSeq = head.firstSeq;
    return head;
  }

  async history(
    before: number | undefined,
    signal: AbortSignal,
    limit?: number,
  ): Promise<{ messages: AnyEntry[]; nextBefore: number | null }> {
    const kept = before === undefined ? this.#kept : undefined;
    if (!kept) return await this.source.history(before, signal, limit);
    this.options.onKept?.(kept);
    return { messages: kept.messages.map(toRow), nextBefore: kept.nextBefore };
  }

  read(after: number, signal: AbortSignal, limit?: number): Promise<{ entries: Entry[]; lastSeq: number }> {
    return this.source.read(after, signal, limit);
  }

  /** Keeps what the view shows, a little later and once for many changes. Only what came from a server is kept. */
  keep(view: ConversationView, events?: () => readonly Entry[]): void {
    // Of a window that is elsewhere the newest is not at hand.
    if (view.state !== "ready" || this.stale || view.hasNewer) return;
    this.#keep = () => {
      const { messages, lastSeq, hasOlder, hasNewer } = view;
      if (hasNewer) return;
      const nextBefore = hasOlder ? messages[0]?.seq ?? lastSeq + 1 : null;
      const kept = { firstSeq: this.#firstSeq, lastSeq, messages, nextBefore, events: events?.() };
      void this.options.cache.putView(this.options.conversationId, kept);
    };
    this.#timer ??= setTimeout(() => this.flush(), KEEP_MS);
  }

  /** Keeps at once what is to be kept. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#keep?.();
    this.#keep = undefined;
  }
}

/** A message as history would have it, which says of reactions how many there are and whether one is the reader's. */
function toRow({ reactions, ...message }: ViewMessage): AnyEntry {
  const counts = reactions.map(({ emoji, count, mine }) => ({ emoji, count, mine }));
  return { messageNo: 0, ...message, kind: "message", content: { ...message.content }, reactions: counts };
}
