import { batch, signal } from "@preact/signals";
import {
  CachedSource,
  type Conversation,
  ConversationView,
  type Entry,
  ERRORS,
  ImError,
  type Output,
  type ViewMessage,
  type ViewSource,
} from "../../sdk/mod.ts";
import { applyRead, conversationOf, refresh } from "./conversations.ts";
import { keptViews } from "./kept.ts";
import { readPageEvents } from "./page_events.ts";
import { me } from "./people.ts";
import { client, online } from "./server.ts";

const PAGE = 50;
const MARK_DELAY_MS = 300;

/** One conversation, opened: as far up as somebody scrolled, and down to the newest. */
export class Chat {
  readonly messages = signal<readonly ViewMessage[]>([]);
  /** Who came and went, in seq order. */
  readonly events = signal<readonly Entry[]>([]);
  readonly state = signal<"loading" | "ready" | ImError>("loading");
  readonly older = signal<"some" | "loading" | "none" | ImError>("none");
  /** Messages of others that came in while the chat was open: to be announced. */
  readonly arrived = signal<readonly ViewMessage[]>([]);
  readonly #view: ConversationView;
  readonly #cached: CachedSource | undefined;
  #events: readonly Entry[] = [];
  #news: ViewMessage[] = [];
  /** Where the log began to be followed: what is before is in pages. */
  #headSeq = 0;
  #marking: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly id: string) {
    const asked: ViewSource = {
      head: async () => {
        const conversation = await this.#conversation();
        this.#headSeq = conversation.lastSeq;
        return conversation;
      },
      history: (before, signal) => this.#history(before, signal),
      read: (after, signal) => client.call("log.read", { conversationId: id, after }, { signal }),
    };
    const cache = keptViews();
    this.#cached = cache && new CachedSource(asked, {
      cache,
      conversationId: id,
      isOnline: () => online.peek(),
      onKept: ({ events = [] }) => this.#events = events,
    });
    this.#view = new ConversationView({
      conversationId: id,
      userId: () => me.peek()?.id,
      source: this.#cached ?? asked,
    });
    this.#view.on("message", (message) => {
      if (message.senderId !== me.peek()?.id) this.#news.push(message);
    });
    this.#view.on("event", (entry) => this.#events = [...this.#events, entry]);
    this.#view.on("change", () => this.#changed());
  }

  async load(): Promise<void> {
    if (this.messages.peek().length === 0) this.state.value = "loading";
    try {
      await this.#view.load();
    } catch {
      // The view tells it as its state.
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

  /** Entries from elsewhere: pushed, or made of an ack. */
  push(entries: readonly Entry[]): void {
    this.#view.push(entries);
  }

  /** After a reconnect: what happened meanwhile, or all of it if it never came, or anew. */
  sync(restart: boolean): void {
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
    this.#cached?.flush();
    this.#view.close();
  }

  #changed(): void {
    // It was read from this browser while the connection came.
    if (this.#cached?.stale && this.#view.state === "ready" && online.peek()) return this.#view.restart();
    this.#cached?.keep(this.#view, () => this.#events);
    const { messages, hasOlder } = this.#view;
    const state = this.#shownState(this.#view.state);
    batch(() => {
      this.messages.value = messages;
      this.events.value = this.#events;
      this.state.value = state;
      if (!(this.older.peek() instanceof ImError) && this.older.peek() !== "loading") {
        this.older.value = hasOlder ? "some" : "none";
      }
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
  async #history(before: number | undefined, signal: AbortSignal): Promise<Output<"message.history">> {
    const conversation = await this.#conversation();
    const input = { conversationId: this.id, limit: PAGE, ...(before !== undefined && { before }) };
    const page = await client.call("message.history", input, { signal });
    const from = page.nextBefore ?? conversation.firstSeq;
    const to = before === undefined ? this.#headSeq : before - 1;
    const events = await readPageEvents(conversation, { from, to, signal });
    this.#events = before === undefined ? events : [...events, ...this.#events];
    return page;
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
/** What somebody began to write in a chat and did not send. */
export const drafts = new Map<string, string>();

export function showChat(id: string | null): void {
  if (chat.peek()?.id === id) return;
  chat.peek()?.close();
  chat.value = id === null ? null : new Chat(id);
  void chat.value?.load();
}

export function forgetChat(): void {
  showChat(null);
  drafts.clear();
}

client.on("log.append", ({ conversationId, entries }) => {
  if (chat.peek()?.id === conversationId) chat.peek()?.push(entries);
});
client.on("inbox", ({ kind, content }) => {
  if (kind === "message.hidden" && content.conversationId === chat.peek()?.id) {
    chat.peek()?.hide(content.seqs as number[]);
  }
});
client.on("sync", ({ restart }) => chat.peek()?.sync(restart));

function asImError(error: unknown): ImError {
  return error instanceof ImError ? error : new ImError("internal");
}
