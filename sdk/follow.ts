import { ERRORS, ImError } from "../wire/errors.ts";
import type { Entry } from "../wire/schemas.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import type { Client } from "./client.ts";

export interface FollowOptions {
  /**
   * Called for each entry of each conversation, in a conversation one after the other in seq order. The read
   * marker follows, and after a restart it goes on where that stands: each entry comes at least once.
   * Rejecting with an ImError that advises `retry` makes the entry come again later.
   */
  onEntry(conversationId: string, entry: Entry): Promise<void> | void;
  /** What `onEntry` throws otherwise; the entry counts as done. Also: what cannot be read, and never will. */
  onError?(error: unknown, conversationId: string): void;
  backoff?: Backoff;
  /** Ends it. */
  signal?: AbortSignal;
}

/** One conversation: what has been done of its log, and how far that is known to reach. */
interface Track {
  done: number;
  marked: number;
  known: number;
  running: boolean;
  failures: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** Gives a program every entry of every conversation it is in, from its read markers on: what a bot wants. */
export function follow(client: Pick<Client, "call" | "on" | "state">, options: FollowOptions): void {
  const follower = new Follower(client, options);
  if (!options.signal?.aborted) follower.start();
}

class Follower {
  readonly #tracks = new Map<string, Track>();
  #again: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(
    private readonly client: Pick<Client, "call" | "on" | "state">,
    private readonly options: FollowOptions,
  ) {}

  start(): void {
    const { client } = this;
    const offs = [
      client.on("sync", ({ restart }) => {
        // Of another epoch nothing that was done counts; the read markers say where to go on.
        if (restart) [...this.#tracks.keys()].forEach((id) => this.#forget(id));
        void this.#list();
      }),
      client.on("log.append", ({ conversationId, entries }) => {
        const lastSeq = entries.at(-1)?.seq ?? 0;
        if (this.#tracks.has(conversationId)) this.#reach(conversationId, lastSeq);
        else void this.#meet(conversationId);
      }),
      client.on("inbox", ({ kind, content: { conversationId } }) => {
        if (kind === "conversation.joined") void this.#meet(String(conversationId));
        if (kind === "conversation.left") this.#forget(String(conversationId));
      }),
    ];
    this.options.signal?.addEventListener("abort", () => {
      this.#stopped = true;
      clearTimeout(this.#again);
      offs.forEach((off) => off());
      for (const id of [...this.#tracks.keys()]) this.#forget(id);
    });
    if (client.state.state === "online") void this.#list();
  }

  /** After every connect, and whenever the server has left pushes out. */
  async #list(): Promise<void> {
    clearTimeout(this.#again);
    let cursor: string | undefined;
    try {
      do {
        const page = await this.client.call("conversation.list", { limit: 200, ...(cursor && { cursor }) });
        for (const { id, readSeq, lastSeq } of page.conversations) this.#reach(id, lastSeq, readSeq);
        cursor = page.nextCursor ?? undefined;
      } while (cursor && !this.#stopped);
    } catch (error) {
      this.#listLater(error);
    }
  }

  async #meet(conversationId: string): Promise<void> {
    try {
      const { readSeq, lastSeq } = await this.client.call("conversation.get", { conversationId });
      this.#reach(conversationId, lastSeq, readSeq);
    } catch (error) {
      this.#listLater(error, conversationId);
    }
  }

  /** Without a connection nothing is to be done: the next one lists again. */
  #listLater(error: unknown, conversationId = ""): void {
    if (this.#stopped || this.client.state.state !== "online") return;
    const waitMs = waitAfter(error, 0, this.options.backoff);
    if (waitMs === undefined) return this.options.onError?.(error, conversationId);
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#list(), waitMs);
  }

  #reach(id: string, lastSeq: number, readSeq = 0): void {
    if (this.#stopped) return;
    const fresh: Track = { done: readSeq, marked: readSeq, known: 0, running: false, failures: 0 };
    const track = this.#tracks.get(id) ?? fresh;
    this.#tracks.set(id, track);
    track.known = Math.max(track.known, lastSeq);
    if (!track.timer) void this.#run(id, track);
  }

  #forget(id: string): void {
    clearTimeout(this.#tracks.get(id)?.timer);
    this.#tracks.delete(id);
  }

  async #run(id: string, track: Track): Promise<void> {
    track.timer = undefined;
    if (track.running) return;
    track.running = true;
    try {
      while (this.#isOn(id, track) && track.marked < track.known) await this.#readPage(id, track);
      track.failures = 0;
    } catch (error) {
      const waitMs = waitAfter(error, track.failures++, this.options.backoff);
      if (waitMs === undefined) this.options.onError?.(error, id);
      else if (this.#isOn(id, track)) track.timer = setTimeout(() => this.#run(id, track), waitMs);
    } finally {
      track.running = false;
    }
  }

  async #readPage(id: string, track: Track): Promise<void> {
    const { client } = this;
    try {
      if (track.done >= track.known) return;
      const { entries, lastSeq } = await client.call("log.read", { conversationId: id, after: track.done });
      // A server behind what it told before (a lagging replica) must not be asked in a tight loop.
      if (entries.length === 0 && lastSeq > track.done) {
        throw new ImError("unavailable", "The log has a hole");
      }
      track.known = entries.length === 0 ? track.done : Math.max(track.known, lastSeq);
      for (const entry of entries) {
        if (!this.#isOn(id, track)) return;
        await this.#handle(id, entry);
        track.done = entry.seq;
      }
    } finally {
      if (track.done > track.marked && this.#isOn(id, track)) {
        await client.call("conversation.markRead", { conversationId: id, seq: track.done });
        track.marked = track.done;
      }
    }
  }

  async #handle(id: string, entry: Entry): Promise<void> {
    try {
      await this.options.onEntry(id, entry);
    } catch (error) {
      if (waitAfter(error, 0) !== undefined) throw error;
      this.options.onError?.(error, id);
    }
  }

  #isOn(id: string, track: Track): boolean {
    return !this.#stopped && this.#tracks.get(id) === track;
  }
}

/** How long to wait before trying again; undefined if that cannot help. */
function waitAfter(error: unknown, failures: number, backoff?: Backoff): number | undefined {
  if (!(error instanceof ImError) || ERRORS[error.code].advice !== "retry") return undefined;
  return Math.max(error.details.retryAfterMs ?? 0, backoffMs(failures, backoff));
}
