import { ERRORS, ImError } from "../wire/errors.ts";
import type { Output } from "../wire/operations.ts";
import type { InboxEntry } from "../wire/schemas.ts";
import { abortable } from "./abortable.ts";
import { backoffMs } from "./backoff.ts";
import { ConversationLog } from "./conversation_log.ts";

export interface InboxOptions {
  /** `inbox.read`: the entries after a seq; with `limit` 1 only to learn how far it goes. */
  read(input: { after: number; limit?: number }, signal: AbortSignal): Promise<Output<"inbox.read">>;
  onEntry(entry: InboxEntry): void;
}

/**
 * The caller's own log from the first connection on: each entry in order and once, also what happened while
 * there was no connection. What was before is in the answers of `sync.heads`, `friend.list` and the like.
 */
export class Inbox {
  #log: ConversationLog<InboxEntry> | undefined;
  #run = new AbortController();
  /** The first and the last entry pushed while the place was being asked for; they are read again. */
  #pushedFrom = Infinity;
  #pushedTo = 0;

  constructor(private readonly options: InboxOptions) {}

  /** At a connection's beginning, or after pushes were lost. `restart`: places of before mean nothing any more. */
  sync(restart: boolean): void {
    if (this.#log && !restart) return this.#log.sync();
    this.close();
    void this.#beginAtLast(this.#run.signal);
  }

  /** Whether it knows where it stands. If not when a connection ends, what came on that may never be told. */
  get hasBegun(): boolean {
    return this.#log !== undefined;
  }

  push(entries: readonly InboxEntry[]): void {
    this.#pushedFrom = Math.min(this.#pushedFrom, entries[0].seq);
    this.#pushedTo = Math.max(this.#pushedTo, entries[entries.length - 1].seq);
    this.#log?.push(entries);
  }

  close(): void {
    this.#run.abort(new ImError("unavailable", "Closed"));
    this.#run = new AbortController();
    this.#log?.close();
    this.#log = undefined;
    this.#pushedFrom = Infinity;
    this.#pushedTo = 0;
  }

  /** Tries until it works; a connection that is lost meanwhile begins anew. */
  async #beginAtLast(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        return await this.#begin(signal);
      } catch (error) {
        if (!(error instanceof ImError) || ERRORS[error.code].advice !== "retry") return;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, backoffMs(failures));
        signal.addEventListener("abort", () => (clearTimeout(timer), resolve()));
      });
    }
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const last = { after: Number.MAX_SAFE_INTEGER, limit: 1 };
    const { lastSeq } = await abortable(this.options.read(last, signal), signal);
    signal.throwIfAborted();
    this.#log = new ConversationLog<InboxEntry>({
      after: Math.min(lastSeq, this.#pushedFrom - 1),
      read: (after) => this.options.read({ after }, signal),
      onEntries: (entries) => entries.forEach((entry) => this.options.onEntry(entry)),
    });
    // The answer may be older than what was pushed after it was made.
    this.#log.expect(Math.max(lastSeq, this.#pushedTo));
  }
}
