import { batch, signal } from "@preact/signals";
import {
  CachedSource,
  type Conversation,
  ConversationView,
  type Entry,
  ERRORS,
  ImError,
  type Output,
  toViewMessage,
  type ViewMessage,
  type ViewSource,
} from "../../sdk/mod.ts";
import { applyRead, conversationOf, refresh, watched } from "./conversations.ts";
import { forgetDrafts } from "./drafts.ts";
import { keptViews } from "./kept.ts";
import { readPageEvents } from "./page_events.ts";
import { me } from "./people.ts";
import { client, online } from "./server.ts";

const PAGE = 50;
/** So many messages are in the page at most; the others are in the log. */
const MAX_MESSAGES = 200;
const MARK_DELAY_MS = 300;

/** A place that somebody wants to see. */
export interface Target {
  readonly seq: number;
  /** A message is marked for a moment; a day, or what is unread, is only gone to. */
  readonly marked: boolean;
}

/** One conversation, opened: a window on its log, that follows who scrolls or jumps, and is at the newest at first. */
export class Chat {
  readonly messages = signal<readonly ViewMessage[]>([]);
  /** Who came and went, in seq order. */
  readonly events = signal<readonly Entry[]>([]);
  readonly state = signal<"loading" | "ready" | ImError>("loading");
  readonly older = signal<"some" | "loading" | "none" | ImError>("none");
  readonly newer = signal<"some" | "loading" | "none" | ImError>("none");
  /** What to go to as soon as it is shown. */
  readonly target = signal<Target | null>(null);
  /** What comes after this one was new when the chat was opened, or came while nobody looked; null: nothing. */
  readonly unreadAfter = signal<number | null>(null);
  /** Messages that others answer and that are not in the window, as they were when they were asked for; null: none. */
  readonly quotes = signal<ReadonlyMap<number, ViewMessage | null>>(new Map());
  /** Messages of others that came in while the chat was open: to be announced. */
  readonly arrived = signal<readonly ViewMessage[]>([]);
  readonly #view: ConversationView;
  readonly #cached: CachedSource | undefined;
  /** By seq; those outside the window are let go. */
  #events = new Map<number, Entry>();
  #news: ViewMessage[] = [];
  /** Where the log began to be followed: what is before is in pages. */
  #headSeq = 0;
  /** What is shown first is still being looked for. */
  #opening = true;
  #marking: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly id: string) {
    const asked: ViewSource = {
      head: async () => {
        const conversation = await this.#conversation();
        this.#headSeq = conversation.lastSeq;
        if (this.#opening && conversation.unread > 0) this.unreadAfter.value = conversation.readSeq;
        return conversation;
      },
      history: (before, signal, limit = PAGE) => this.#history(before, limit, signal),
      read: (after, signal, limit) =>
        client.call("log.read", { conversationId: id, after, limit }, { signal }),
    };
    const cache = keptViews();
    this.#cached = cache && new CachedSource(asked, {
      cache,
      conversationId: id,
      isOnline: () => online.peek(),
      onKept: ({ events = [] }) => this.#addEvents(events),
    });
    this.#view = new ConversationView({
      conversationId: id,
      userId: () => me.peek()?.id,
      maxMessages: MAX_MESSAGES,
      source: this.#cached ?? asked,
    });
    this.#view.on("message", (message) => this.#came(message));
    this.#view.on("event", (entry) => this.#addEvents([entry]));
    this.#view.on("change", () => this.#changed());
  }

  async load(): Promise<void> {
    if (this.messages.peek().length === 0) this.state.value = "loading";
    try {
      await this.#view.load();
      // What is unread may begin before the newest page.
      const after = this.unreadAfter.peek();
      if (after !== null) await this.jumpTo(after + 1, false);
    } catch {
      // The view tells it as its state.
    } finally {
      this.#opening = false;
      this.#changed();
    }
  }

  async loadOlder(): Promise<void> {
    if (!this.#view.hasOlder || this.older.peek() === "loading") return;
    this.older.value = "loading";
    try {
      await this.#view.loadOlder();
      this.older.value = this.#view.hasOlder ? "some" : "none";
    } catch (error) {
      this.older.value = asImError(error);
    }
  }

  async loadNewer(): Promise<void> {
    if (!this.#view.hasNewer || this.newer.peek() === "loading") return;
    this.newer.value = "loading";
    try {
      await this.#view.loadNewer();
      this.newer.value = this.#view.hasNewer ? "some" : "none";
    } catch (error) {
      this.newer.value = asImError(error);
    }
  }

  /** Shows what is around a place. Rejects with ImError. */
  async jumpTo(seq: number, marked = true): Promise<void> {
    // And what is right before it.
    await this.#view.jump(seq - 1);
    this.target.value = { seq, marked };
  }

  /** Shows what was said first at a time or after it. Rejects with ImError. */
  async jumpToTime(at: number): Promise<void> {
    await this.jumpTo(await this.#view.seqAt(at), false);
  }

  /** Rejects with ImError. */
  async toNewest(): Promise<void> {
    await this.#view.toNewest();
  }

  /** Asks for a message that another one answers; `quotes` has it then. */
  async quote(seq: number): Promise<void> {
    if (this.quotes.peek().has(seq)) return;
    const set = (message: ViewMessage | null) =>
      this.quotes.value = new Map(this.quotes.peek()).set(seq, message);
    set(null);
    try {
      set(
        toViewMessage(
          await client.call("message.get", { conversationId: this.id, seq }),
          me.peek()?.id ?? "",
        ),
      );
    } catch {
      // From before this person came, say: then it is quoted without words.
    }
  }

  /** Entries from elsewhere: pushed, or made of an ack. */
  push(entries: readonly Entry[]): void {
    this.#view.push(entries);
  }

  /** After a reconnect: what happened meanwhile, or all of it if it never came, or anew. */
  sync(restart: boolean): void {
    if (restart) this.#events.clear();
    if (restart || this.#cached?.stale) this.#view.restart();
    else this.#view.sync();
  }

  /** Deleted for this person, on another device perhaps. */
  hide(seqs: readonly number[]): void {
    this.#view.hide(seqs);
  }

  /** Everything up to the newest entry has been seen. Told a little later, once for many. */
  markRead(): void {
    this.#marking ??= setTimeout(() => {
      this.#marking = undefined;
      void this.#markRead();
    }, MARK_DELAY_MS);
  }

  close(): void {
    clearTimeout(this.#marking);
    if (this.#marking !== undefined) void this.#markRead();
    this.#cached?.flush();
    this.#view.close();
  }

  #changed(): void {
    // It was read from this browser while the connection came.
    if (this.#cached?.stale && this.#view.state === "ready" && online.peek()) return this.#view.restart();
    const { messages, hasOlder, hasNewer } = this.#view;
    const events = this.#shownEvents();
    this.#cached?.keep(this.#view, () => events);
    const isOpening = this.#opening && this.#view.state === "ready";
    const state = isOpening ? "loading" : this.#shownState(this.#view.state);
    batch(() => {
      this.messages.value = messages;
      this.events.value = events;
      this.state.value = state;
      settle(this.older, hasOlder);
      settle(this.newer, hasNewer);
      if (this.#news.length > 0) this.arrived.value = this.#news.splice(0);
    });
  }

  /** What is shown stays while it is read anew. */
  #shownState(state: ConversationView["state"]): ConversationView["state"] {
    const comesAgain = state === "loading" ||
      (state instanceof ImError && ERRORS[state.code].advice === "retry");
    return comesAgain && this.state.peek() === "ready" && this.#view.messages.length > 0 ? "ready" : state;
  }

  /** The list hears everything that is pushed; what it does not know yet is asked for. */
  async #conversation(): Promise<Conversation> {
    if (!conversationOf(this.id)) await refresh(this.id);
    const conversation = conversationOf(this.id);
    if (!conversation) throw new ImError("conversation_not_found");
    return conversation;
  }

  /** A page of messages; and what else happened between them, for a line of its own. */
  async #history(
    before: number | undefined,
    limit: number,
    signal: AbortSignal,
  ): Promise<Output<"message.history">> {
    const conversation = await this.#conversation();
    const input = { conversationId: this.id, limit, ...(before !== undefined && { before }) };
    const page = await client.call("message.history", input, { signal });
    const from = page.nextBefore ?? conversation.firstSeq;
    const to = before === undefined ? Math.max(this.#headSeq, this.#view.lastSeq) : before - 1;
    this.#addEvents(await readPageEvents(conversation, { from, to, signal }));
    return page;
  }

  #addEvents(events: readonly Entry[]): void {
    for (const entry of events) this.#events.set(entry.seq, entry);
  }

  /** Those in the window, in order; the others would come again with their page. */
  #shownEvents(): Entry[] {
    const { messages, hasOlder, hasNewer } = this.#view;
    const first = hasOlder ? messages[0]?.seq ?? 0 : 0;
    const last = hasNewer ? messages.at(-1)?.seq ?? 0 : Infinity;
    const shown = [...this.#events.values()].filter(({ seq }) => seq >= first && seq <= last);
    if (this.#view.state === "ready" && this.#events.size > shown.length + MAX_MESSAGES) {
      this.#events = new Map(shown.map((entry) => [entry.seq, entry]));
    }
    return shown.toSorted((a, b) => a.seq - b.seq);
  }

  #came(message: ViewMessage): void {
    if (message.senderId === me.peek()?.id) {
      this.unreadAfter.value = null;
      return;
    }
    this.#news.push(message);
    const after = this.unreadAfter.peek();
    const read = conversationOf(this.id)?.readSeq ?? 0;
    if (watched.peek() !== this.id && (after === null || read > after)) {
      this.unreadAfter.value = message.seq - 1;
    }
  }

  async #markRead(): Promise<void> {
    const seq = this.#view.lastSeq;
    if (seq <= (conversationOf(this.id)?.readSeq ?? 0)) return;
    try {
      const marker = await client.call("conversation.markRead", { conversationId: this.id, seq });
      applyRead({ conversationId: this.id, ...marker });
    } catch {
      // It is only a marker: the next look at the chat moves it.
    }
  }
}

/** The chat that is open. */
export const chat = signal<Chat | null>(null);

export function showChat(id: string | null): void {
  if (chat.peek()?.id === id) return;
  chat.peek()?.close();
  chat.value = id === null ? null : new Chat(id);
  void chat.value?.load();
}

export function forgetChat(): void {
  showChat(null);
  forgetDrafts();
}

client.on("log.append", ({ conversationId, entries }) => {
  if (chat.peek()?.id === conversationId) chat.peek()?.push(entries);
});
client.on("inbox", ({ kind, content }) => {
  const open = chat.peek();
  if (!open || content.conversationId !== open.id) return;
  if (kind === "message.hidden") open.hide(content.seqs as number[]);
  // Who comes back sees neither what was said meanwhile, a hole that cannot be filled, nor what was before.
  if (kind === "conversation.joined" && (conversationOf(open.id)?.firstSeq ?? 0) < Number(content.seq)) {
    open.sync(true);
  }
});
client.on("sync", ({ restart }) => chat.peek()?.sync(restart));

function settle(pages: Chat["older"], hasMore: boolean): void {
  if (!(pages.peek() instanceof ImError) && pages.peek() !== "loading") {
    pages.value = hasMore ? "some" : "none";
  }
}

function asImError(error: unknown): ImError {
  return error instanceof ImError ? error : new ImError("internal");
}
