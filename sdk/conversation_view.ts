import { ERRORS, ImError } from "../wire/errors.ts";
import { abortable } from "./abortable.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import { ConversationLog } from "./conversation_log.ts";
import { Emitter } from "./emitter.ts";
import { MessageFold } from "./message_fold.ts";
import type { Outbox } from "./outbox.ts";
import type { OutboxItem } from "./outbox_item.ts";
import type { AnyEntry, ViewMessage } from "./view_message.ts";
import type { Entry } from "../wire/schemas.ts";

/** The three questions a view asks. Each rejects with ImError, or with the signal's reason. */
export interface ViewSource {
  /** `conversation.get` */
  head(signal: AbortSignal): Promise<{ firstSeq: number; lastSeq: number }>;
  /** `message.history` */
  history(
    before: number | undefined,
    signal: AbortSignal,
  ): Promise<{ messages: AnyEntry[]; nextBefore: number | null }>;
  /** `log.read` */
  read(after: number, signal: AbortSignal): Promise<{ entries: Entry[]; lastSeq: number }>;
}

export interface ConversationViewOptions {
  conversationId: string;
  source: ViewSource;
  /** Whose unsent messages of this conversation are shown as `pending`. */
  outbox?: Outbox;
  /** Who reads: the sender of what the outbox sends. */
  userId(): string | undefined;
  /** After missing more entries than this, the view starts again at the newest page. Default 2000. */
  maxCatchUp?: number;
  graceMs?: number;
  backoff?: Backoff;
}

export interface ConversationViewEvents {
  /** Anything in `messages`, `pending`, `state` or `older` is different now. */
  change: undefined;
  /** A message that came while the view was open: each once, in seq order. Pages of history are no news. */
  message: ViewMessage;
  /** An entry that is no message and changes none: somebody joined, say, or the title is another. As `message`. */
  event: Entry;
}

/** What happens in a group is of these families; a server newer than this client may know more of them. */
const isEvent = (kind: string) => kind.startsWith("group.") || kind.startsWith("member.");

/**
 * One conversation as a person sees it: messages with all later entries folded in, older ones page by page,
 * and at the end what they wrote themselves and the server does not have yet.
 */
export class ConversationView {
  readonly #events = new Emitter<ConversationViewEvents>();
  readonly #closed = new AbortController();
  #fold: MessageFold;
  #log: ConversationLog | undefined;
  #loading: Promise<void> | undefined;
  #paging: Promise<void> | undefined;
  #state: "loading" | "ready" | ImError = "loading";
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #again = false;
  /** What is being loaded is void already. */
  #anew = false;
  #before: number | null = null;
  /** The log is known to reach this far. */
  #known = 0;
  /** Acked, and not come by the log yet: shown as pending, so that nothing vanishes for a moment. */
  readonly #acked = new Map<string, { item: OutboxItem; seq: number }>();

  constructor(private readonly options: ConversationViewOptions) {
    const { outbox, conversationId } = options;
    this.#fold = new MessageFold(options.userId);
    const offs = [
      outbox?.on("sent", ({ item, ack: { seq, messageNo, at } }) => {
        const { clientId, content } = item;
        if (item.conversationId !== conversationId) return;
        if (seq > this.lastSeq) this.#acked.set(clientId, { item, seq });
        const senderId = options.userId();
        // The ack is as good as the push, and mostly earlier.
        if (senderId) this.push([{ seq, kind: "message", senderId, at, messageNo, clientId, content }]);
        this.#changed();
      }),
      outbox?.on("change", () => this.#changed()),
    ];
    this.signal.addEventListener("abort", () => offs.forEach((off) => off?.()));
  }

  get conversationId(): string {
    return this.options.conversationId;
  }

  /** Aborted when the view is closed. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** `loading` before the first page; an error is one that kept it from coming: call `load` again. */
  get state(): "loading" | "ready" | ImError {
    return this.#state;
  }

  /** In seq order, without a hole from the first to the last. The same array until something changes. */
  get messages(): readonly ViewMessage[] {
    return this.#fold.messages;
  }

  /** What this person wrote and the log does not have yet, in the order of sending. */
  get pending(): readonly OutboxItem[] {
    const { outbox, conversationId } = this.options;
    const unsent = outbox?.items(conversationId) ?? [];
    const acked = [...this.#acked.values()].map(({ item }) => item);
    if (unsent.length + acked.length === 0) return [];
    const me = this.options.userId();
    const stored = new Set(this.messages.filter((one) => one.senderId === me).map((one) => one.clientId));
    return [...acked, ...unsent].filter(({ clientId }) => !stored.has(clientId));
  }

  /** Whether there are messages before the first. */
  get hasOlder(): boolean {
    return this.#before !== null;
  }

  /** Everything up to here is in. What `conversation.markRead` wants when all of it was seen. */
  get lastSeq(): number {
    return this.#log?.lastSeq ?? 0;
  }

  /** Returns the function that takes the handler away again. */
  on<E extends keyof ConversationViewEvents>(
    event: E,
    handler: (payload: ConversationViewEvents[E]) => void,
  ): () => void {
    return this.#events.on(event, handler);
  }

  /** Loads the newest page, unless it is there. The signal ends the waiting, not the loading. */
  async load(signal?: AbortSignal): Promise<void> {
    if (this.#log) return;
    this.#loading ??= this.#load().finally(() => this.#loaded());
    await abortable(this.#loading, signal);
  }

  /** Puts the page before the first message in front, if there is one. Calls at the same time share it. */
  async loadOlder(signal?: AbortSignal): Promise<void> {
    await this.load(signal);
    if (this.#before === null) return;
    this.#paging ??= this.#loadOlder(this.#before).finally(() => this.#paging = undefined);
    await abortable(this.#paging, signal);
  }

  /** Entries from elsewhere: pushed, in any order, more than once. */
  push(entries: readonly Entry[]): void {
    for (const { seq } of entries) this.#known = Math.max(this.#known, seq);
    this.#log?.push(entries);
  }

  /** This person has deleted messages for themselves, here or on another device. */
  hide(seqs: readonly number[]): void {
    this.#fold.hide(seqs);
    this.#changed();
  }

  /** Asks for what is missing, as after every reconnect; or for all, if the first page never came. */
  sync(): void {
    if (this.#log) this.#log.sync();
    // The head may have been read before the connection was lost, and the page after.
    else if (this.#loading) this.#again = true;
    else this.load().catch(() => {});
  }

  /** Begins anew with the newest page: what it holds is of another epoch. */
  restart(): void {
    this.#known = 0;
    this.#acked.clear();
    this.#restart();
  }

  close(): void {
    this.#closed.abort(new ImError("unavailable", "The view was closed"));
    clearTimeout(this.#retry);
    this.#log?.close();
  }

  async #load(): Promise<void> {
    clearTimeout(this.#retry);
    this.#again = this.#anew = false;
    this.#state = "loading";
    try {
      // The head first: then every change up to it is sure to be in the page.
      const { lastSeq } = await this.options.source.head(this.signal);
      const { messages, nextBefore } = await this.options.source.history(undefined, this.signal);
      if (this.signal.aborted) throw this.signal.reason;
      this.#fold = new MessageFold(this.options.userId);
      this.#fold.takeRows(messages, lastSeq);
      this.#before = nextBefore;
      this.#log = this.#follow(lastSeq);
      this.#state = "ready";
      this.#failures = 0;
      this.#settle();
      if (this.#again) this.#log.sync();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    this.#changed();
  }

  #follow(after: number): ConversationLog {
    const { source, graceMs, backoff, maxCatchUp = 2000 } = this.options;
    const log = new ConversationLog({
      after,
      graceMs,
      backoff,
      onEntries: (entries) => this.#take(entries),
      onError: (error) => this.#fail(error),
      read: async (last) => {
        const answer = await source.read(last, this.signal);
        // Who was away for long wants the newest page, not all that went by.
        if (answer.lastSeq - last > maxCatchUp && this.#log === log) this.#restart();
        return answer;
      },
    });
    log.expect(this.#known);
    return log;
  }

  #restart(): void {
    this.#log?.close();
    this.#log = undefined;
    // What is on its way was asked for before.
    if (this.#loading) this.#anew = true;
    else this.load().catch(() => {});
  }

  #loaded(): void {
    this.#loading = undefined;
    if (this.#anew && !this.signal.aborted) this.#restart();
  }

  async #loadOlder(before: number): Promise<void> {
    const log = this.#log;
    const asOf = this.lastSeq;
    const { messages, nextBefore } = await this.options.source.history(before, this.signal);
    // Of a view that has started again meanwhile this is not the page before.
    if (this.#log !== log || this.signal.aborted) return;
    this.#fold.takeRows(messages, asOf);
    this.#before = nextBefore;
    this.#changed();
  }

  #take(entries: readonly Entry[]): void {
    const added = new Map(this.#fold.takeEntries(entries).map((message) => [message.seq, message]));
    this.#settle();
    for (const entry of entries) {
      const message = added.get(entry.seq);
      if (message) this.#events.emit("message", message);
      else if (isEvent(entry.kind)) this.#events.emit("event", entry);
    }
    this.#changed();
  }

  /** What is in the log is not pending. */
  #settle(): void {
    for (const [clientId, { seq }] of this.#acked) if (seq <= this.lastSeq) this.#acked.delete(clientId);
  }

  #fail(error: unknown): void {
    if (this.signal.aborted) return;
    const known = error instanceof ImError ? error : new ImError("internal", String(error));
    const { advice } = ERRORS[known.code];
    if (advice === "retry" && !this.#log) {
      const waitMs = backoffMs(this.#failures++, this.options.backoff);
      this.#retry = setTimeout(() => this.sync(), Math.max(known.details.retryAfterMs ?? 0, waitMs));
    }
    // A log that was being read goes on after the next login.
    if (advice !== "login" || !this.#log) this.#state = known;
    this.#changed();
  }

  #changed(): void {
    this.#events.emit("change", undefined);
  }
}
