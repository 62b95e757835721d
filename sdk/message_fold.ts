import { afterChange, type AnyEntry, fromEntry, hidden, targetOf, type ViewMessage } from "./view_message.ts";

/** A message and the seq of the last entry that is in it: what has a lower one is in it already. */
interface Folded {
  message: ViewMessage;
  upTo: number;
}

/** How many changes of messages that are not loaded are kept. The oldest go first: history has them by now. */
const MAX_LOOSE = 1000;

/**
 * The messages of a conversation, put together from two sources that overlap: the log, which brings changes
 * one by one, and history, which brings messages with their changes made. Each message knows the seq up to
 * which it is complete, so that nothing counts twice and the newer of two versions stands.
 */
export class MessageFold {
  /** By seq, in order. */
  #held: Folded[] = [];
  /** Changes of messages that were not there, in seq order: their page of history may be older than they are. */
  #loose: AnyEntry[] = [];
  /** What this person has deleted for themselves since: a page that was asked for before may still have it. */
  readonly #hidden = new Set<number>();
  #messages: readonly ViewMessage[] | undefined;

  /** `me`: who reads. */
  constructor(private readonly me: () => string | undefined) {}

  /** In seq order. A new array when anything changed, the same one when nothing did. */
  get messages(): readonly ViewMessage[] {
    return this.#messages ??= this.#held.map(({ message }) => message);
  }

  /**
   * Messages from history, in any order. `asOf`: the server was known to be that far when it was asked. A
   * message that does not say itself how far it is complete is so up to there, and perhaps a little further.
   */
  takeRows(rows: readonly AnyEntry[], asOf: number): void {
    for (const row of rows) {
      if (row.kind === "message") this.#put(row, Math.max(row.seq, row.changedSeq ?? asOf));
    }
  }

  /**
   * The next entries of the log, each with a higher seq than all before. Returns the messages that are new; of them
   * only those before `end` are held.
   */
  takeEntries(entries: readonly AnyEntry[], end = Infinity): ViewMessage[] {
    const added: ViewMessage[] = [];
    for (const entry of entries) {
      const target = targetOf(entry);
      if (target !== undefined) this.#change(target, entry);
      else if (entry.kind === "message" && entry.seq >= end) added.push(fromEntry(entry, this.me() ?? ""));
      else if (entry.kind === "message" && this.#put(entry, entry.seq)) {
        added.push(this.#held[this.#placeOf(entry.seq)].message);
      }
    }
    return added;
  }

  /** Lets go of all messages before `from` and from `end` on: history will bring them again. */
  keep(from: number, end: number): void {
    const kept = this.#held.slice(this.#placeOf(from), this.#placeOf(end));
    if (kept.length === this.#held.length) return;
    this.#held = kept;
    this.#messages = undefined;
  }

  /** This person has deleted the messages for themselves. */
  hide(seqs: readonly number[]): void {
    for (const seq of seqs) {
      this.#hidden.add(seq);
      const held = this.#held[this.#placeOf(seq)];
      if (held?.message.seq === seq) held.message = hidden(held.message);
    }
    this.#messages = undefined;
  }

  /** Whether it was not there. */
  #put(entry: AnyEntry, upTo: number): boolean {
    const { seq } = entry;
    const at = this.#placeOf(seq);
    const isNew = this.#held[at]?.message.seq !== seq;
    if (!isNew && this.#held[at].upTo >= upTo) return false;
    const message = fromEntry(entry, this.me() ?? "");
    const held = { message: this.#hidden.has(seq) ? hidden(message) : message, upTo };
    this.#held.splice(at, isNew ? 0 : 1, held);
    for (const entry of this.#loose) if (targetOf(entry) === seq) this.#apply(at, entry);
    this.#loose = this.#loose.filter((entry) => targetOf(entry) !== seq);
    this.#messages = undefined;
    return isNew;
  }

  #change(target: number, entry: AnyEntry): void {
    const at = this.#placeOf(target);
    if (this.#held[at]?.message.seq === target) return this.#apply(at, entry);
    this.#loose.push(entry);
    if (this.#loose.length > MAX_LOOSE) this.#loose.shift();
  }

  #apply(at: number, entry: AnyEntry): void {
    const { message, upTo } = this.#held[at];
    if (entry.seq <= upTo) return;
    this.#held[at] = { message: afterChange(message, entry, this.me() ?? ""), upTo: entry.seq };
    this.#messages = undefined;
  }

  /** Where it is, or would be. New messages are mostly at the end, so the search begins there. */
  #placeOf(seq: number): number {
    let [low, high] = [0, this.#held.length];
    if (high > 0 && this.#held[high - 1].message.seq < seq) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#held[middle].message.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
