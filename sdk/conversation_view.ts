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
    limit?: number,
  ): Promise<{ messages: AnyEntry[]; nextBefore: number | null }>;
  /** `log.read` */
  read(after: number, signal: AbortSignal, limit?: number): Promise<{ entries: Entry[]; lastSeq: number }>;
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
  /** More messages than this (50 at least) are not held: paging one way lets go of the other end. Default: no bound. */
  maxMessages?: number;
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

/** How many places are looked at together in search of a time. */
const PROBES = 7;
/** How many places of the log a page forwards covers, and how many lie on the far side of one jumped to. */
const SPAN = 50;
/** How many pages forwards may hold no message at all before it is said that nothing came. */
const MAX_EMPTY_PAGES = 20;

/**
 * One conversation as a person sees it: messages with all later entries folded in, older ones page by page,
 * and at the end what they wrote themselves and the server does not have yet. It is a window on the log: it begins at
 * the newest page and grows upwards; `jump` opens it elsewhere, and then it grows both ways.
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
  /** Where the messages begin that come after the window; null while it reaches the newest. */
  #newer: number | null = null;
  #firstSeq = 0;
  #moving: Promise<void> | undefined;
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

  /** Whether there are messages after the last: then what is new is told by "message" events and not in `messages`. */
  get hasNewer(): boolean {
    return this.#newer !== null;
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
    this.#paging ??= this.#loadOlder().finally(() => this.#paging = undefined);
    await abortable(this.#paging, signal);
  }

  /** Puts the messages after the last behind it, if the window does not reach the newest. Calls at the same time share it. */
  async loadNewer(signal?: AbortSignal): Promise<void> {
    await this.load(signal);
    if (this.#newer === null) return;
    await abortable(this.#move(() => this.#loadNewer()), signal);
  }

  /**
   * Opens the window at a place of the log, unless that is in it: then `messages` has what was said around it. A place
   * before or after the whole log is its nearest end.
   */
  async jump(seq: number, signal?: AbortSignal): Promise<void> {
    await this.load(signal);
    await abortable(this.#move(() => this.#jump(seq)), signal);
  }

  /** Back to the newest page. */
  async toNewest(signal?: AbortSignal): Promise<void> {
    await this.jump(Infinity, signal);
  }

  /** The place of the first entry that is not older than a time (ms since 1970), for `jump`; the end, if all are. */
  async seqAt(at: number, signal: AbortSignal = this.signal): Promise<number> {
    await this.load(signal);
    let [low, high] = [Math.max(1, this.#firstSeq), this.lastSeq + 1];
    while (low < high) {
      // Several places at once, because each look is a way to the server and back.
      const step = Math.max(1, Math.ceil((high - low) / (PROBES + 1)));
      const places = Array.from({ length: PROBES }, (_, i) => low + (i + 1) * step - 1).filter((one) =>
        one < high
      );
      const times = await Promise.all(places.map((one) => this.#timeOf(one, signal)));
      const found = times.findIndex((time) => time >= at);
      if (found >= 0) high = places[found];
      const before = found < 0 ? places.length - 1 : found - 1;
      if (before >= 0) low = places[before] + 1;
    }
    return low;
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
      const { firstSeq, lastSeq } = await this.options.source.head(this.signal);
      const { messages, nextBefore } = await this.options.source.history(undefined, this.signal);
      if (this.signal.aborted) throw this.signal.reason;
      this.#fold = new MessageFold(this.options.userId);
      this.#fold.takeRows(messages, lastSeq);
      this.#firstSeq = firstSeq;
      this.#before = nextBefore;
      this.#newer = null;
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

  async #loadOlder(): Promise<void> {
    await this.#moving?.catch(() => {});
    const [log, before] = [this.#log, this.#before];
    if (before === null) return;
    const asOf = this.lastSeq;
    const { messages, nextBefore } = await this.options.source.history(before, this.signal);
    // Of a view that has started again meanwhile, or was opened elsewhere, this is not the page before.
    if (this.#log !== log || this.#before !== before || this.signal.aborted) return;
    this.#fold.takeRows(messages, asOf);
    this.#before = nextBefore;
    this.#letGo("newest");
    this.#changed();
  }

  /** One after the other, and never beside a page of older ones. */
  #move(work: () => Promise<void>): Promise<void> {
    const before = this.#moving ?? this.#paging ?? Promise.resolve();
    const done: Promise<void> = before.catch(() => {}).then(work).finally(() => {
      if (this.#moving === done) this.#moving = undefined;
    });
    return this.#moving = done;
  }

  async #loadNewer(): Promise<void> {
    for (let empty = 0; this.#newer !== null && empty < MAX_EMPTY_PAGES; empty++) {
      const [log, from, asOf] = [this.#log, this.#newer, this.lastSeq];
      // As many places as a page may have messages: it holds all of them.
      const end = from + SPAN;
      const { messages } = await this.options.source.history(end, this.signal, SPAN);
      if (this.#log !== log || this.#newer !== from || this.signal.aborted) return;
      this.#fold.takeRows(messages.filter(({ seq }) => seq >= from), asOf);
      this.#reachTo(Math.min(end, asOf + 1));
      this.#letGo("oldest");
      this.#changed();
      if (messages.some(({ seq }) => seq >= from)) return;
    }
  }

  async #jump(seq: number): Promise<void> {
    const isIn = (this.#before === null || seq >= this.#before) &&
      (this.#newer === null || seq < this.#newer);
    if (isIn) return;
    const [log, asOf] = [this.#log, this.lastSeq];
    const end = Math.max(seq, this.#firstSeq) + SPAN / 2;
    const isEnd = end > asOf;
    const { messages, nextBefore } = await this.options.source.history(
      isEnd ? undefined : end,
      this.signal,
      SPAN,
    );
    if (this.#log !== log || this.signal.aborted) return;
    this.#fold.takeRows(messages, asOf);
    // What came while it was asked for is in the page, or it comes after what was known.
    const pageEnd = (messages.at(-1)?.seq ?? 0) + 1;
    this.#fold.keep(nextBefore ?? 0, isEnd ? Math.max(asOf + 1, pageEnd) : end);
    this.#before = nextBefore;
    this.#reachTo(isEnd ? Math.max(asOf + 1, pageEnd) : end);
    this.#changed();
    // The log has gone on meanwhile.
    if (isEnd && this.#newer !== null) await this.#loadNewer();
  }

  /** All messages before a place are in the window: it reaches the newest, or up to there. */
  #reachTo(end: number): void {
    this.#newer = end > this.lastSeq ? null : end;
    if (this.#newer !== null) this.#fold.keep(0, this.#newer);
  }

  #letGo(of: "newest" | "oldest"): void {
    // A page is never cut: what came with it would never have been seen.
    const maxMessages = Math.max(SPAN, this.options.maxMessages ?? Infinity);
    const { messages } = this;
    if (messages.length <= maxMessages) return;
    if (of === "newest") {
      this.#newer = messages[maxMessages].seq;
      this.#fold.keep(0, this.#newer);
    } else {
      this.#before = messages[messages.length - maxMessages].seq;
      this.#fold.keep(this.#before, Infinity);
    }
  }

  async #timeOf(seq: number, signal: AbortSignal): Promise<number> {
    const { entries } = await this.options.source.read(seq - 1, signal, 1);
    return entries[0]?.at ?? Infinity;
  }

  #take(entries: readonly Entry[]): void {
    const end = this.#newer ?? Infinity;
    const added = new Map(this.#fold.takeEntries(entries, end).map((message) => [message.seq, message]));
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
