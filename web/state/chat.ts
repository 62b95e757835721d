import { signal } from "@preact/signals";
import { type Conversation, ConversationLog, type Entry, ImError } from "../../sdk/mod.ts";
import { applyRead, conversationOf, refresh } from "./conversations.ts";
import { me } from "./people.ts";
import { client } from "./server.ts";

const PAGE = 50;
/** What one `log.read` gives at most. */
const MAX_READ = 1000;
const MARK_DELAY_MS = 300;

/** One conversation, opened: its entries as far up as somebody scrolled, and down to the newest. */
export class Chat {
  readonly entries = signal<readonly Entry[]>([]);
  readonly state = signal<"loading" | "ready" | ImError>("loading");
  readonly older = signal<"some" | "loading" | "none" | ImError>("none");
  /** Messages of others that came in while the chat was open: to be announced. */
  readonly arrived = signal<readonly Entry[]>([]);
  #before: number | null = null;
  #log: ConversationLog | undefined;
  #closed = false;
  #marking: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly id: string) {}

  async load(): Promise<void> {
    this.state.value = "loading";
    try {
      if (!conversationOf(this.id)) await refresh(this.id);
      const conversation = conversationOf(this.id);
      if (!conversation) throw new ImError("conversation_not_found");
      await this.#loadNewest(conversation);
      this.state.value = "ready";
    } catch (error) {
      this.state.value = asImError(error);
    }
  }

  async loadOlder(): Promise<void> {
    if (this.#before === null || this.older.peek() === "loading") return;
    this.older.value = "loading";
    try {
      const page = await this.#readPage(this.#before);
      this.entries.value = [...page, ...this.entries.peek()];
      this.older.value = this.#before === null ? "none" : "some";
    } catch (error) {
      this.older.value = asImError(error);
    }
  }

  /** Entries from elsewhere: pushed, or made of an ack. */
  push(entries: readonly Entry[]): void {
    this.#log?.push(entries);
  }

  /** After a reconnect: what happened meanwhile, or all of it if it never came. */
  sync(): void {
    if (this.#log) this.#log.sync();
    else if (this.state.peek() !== "loading") void this.load();
  }

  /** Everything up to the newest entry has been seen. Told a little later, once for many. */
  markRead(): void {
    this.#marking ??= setTimeout(() => {
      this.#marking = undefined;
      void this.#markRead();
    }, MARK_DELAY_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#marking);
    this.#log?.close();
  }

  async #loadNewest({ firstSeq }: Conversation): Promise<void> {
    const page = await this.#readPage();
    if (this.#closed) return;
    this.entries.value = page;
    this.older.value = this.#before === null ? "none" : "some";
    let isNew = false;
    this.#log = new ConversationLog({
      after: page.at(-1)?.seq ?? firstSeq - 1,
      read: (after) => client.call("log.read", { conversationId: this.id, after }),
      onEntries: (entries) => {
        this.entries.value = [...this.entries.peek(), ...entries];
        if (isNew) this.arrived.value = entries.filter(isFromOther);
      },
    });
    // What was pushed while the page came is known to the list, and read from here.
    this.#log.expect(conversationOf(this.id)?.lastSeq ?? 0);
    isNew = true;
  }

  /** A page of messages, and between them what else happened in the log. */
  async #readPage(before?: number): Promise<Entry[]> {
    const page = await client.call("message.history", {
      conversationId: this.id,
      limit: PAGE,
      ...(before && { before }),
    });
    const { messages, nextBefore } = page;
    const from = nextBefore ?? conversationOf(this.id)?.firstSeq ?? 1;
    const to = before ? before - 1 : messages.at(-1)?.seq ?? from - 1;
    const events = to - from + 1 > messages.length ? await this.#readEvents(from, to) : [];
    this.#before = nextBefore;
    return [...messages, ...events].sort((a, b) => a.seq - b.seq);
  }

  async #readEvents(from: number, to: number): Promise<Entry[]> {
    const limit = Math.min(to - from + 1, MAX_READ);
    const { entries } = await client.call("log.read", { conversationId: this.id, after: from - 1, limit });
    return entries.filter((entry) => entry.kind !== "message" && entry.seq <= to);
  }

  async #markRead(): Promise<void> {
    const seq = this.#log?.lastSeq ?? 0;
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
client.on("session.ready", () => chat.peek()?.sync());

function isFromOther(entry: Entry): boolean {
  return entry.kind === "message" && entry.senderId !== me.peek()?.id;
}

function asImError(error: unknown): ImError {
  return error instanceof ImError ? error : new ImError("internal");
}
