import type { Entry } from "../../wire/schemas.ts";
import type { AnyEntry, ViewMessage } from "../view_message.ts";

/** Something a person does in a conversation. */
export interface Doing {
  what:
    | Exclude<Entry["kind"], "group.created" | "member.left">
    /** A kind that this client does not know. */
    | "poll.closed";
  who: string;
  /** Which of the messages, counted from the end. */
  which: number;
  emoji: string;
}

/** A message as the server tells it: how many reacted, but not who. */
type Told = Omit<ViewMessage, "reactions"> & { reactions: { emoji: string; count: number; mine: boolean }[] };

/**
 * A conversation as the server has it, made for being obviously right and not fast: its log is an array, and a
 * message is found out by reading the whole log each time.
 */
export class LogModel {
  readonly log: Entry[] = [];

  constructor(private readonly me: string) {}

  /** Appends the entry, unless the server would refuse it or find nothing to change. */
  do({ what, who, which, emoji }: Doing): void {
    const messages = this.messages();
    const target = messages.at(-1 - which);
    const isChange = what.startsWith("message.") || what.startsWith("reaction.");
    if (isChange && (!target || target.recalledAt !== undefined)) return;
    const seq = this.log.length + 1;
    if (what.startsWith("reaction.") && target) {
      const reacts = this.#reactors(target.seq).get(emoji)?.has(who) ?? false;
      if (reacts === (what === "reaction.added")) return;
    }
    const content = {
      ...(what === "message" && { type: "text", text: `message ${seq}` }),
      ...(isChange && { target: target?.seq }),
      ...(what === "message.edited" && { content: { type: "text", text: `edit ${seq}` } }),
      ...(what.startsWith("reaction.") && { emoji }),
    };
    const kind = what as Entry["kind"];
    this.log.push({ seq, kind, senderId: who, at: seq * 10, messageNo: messages.length, content });
  }

  read(after: number, limit: number): { entries: Entry[]; lastSeq: number } {
    return { entries: this.log.slice(after, after + limit), lastSeq: this.log.length };
  }

  history(before = Infinity, limit: number): { messages: AnyEntry[]; nextBefore: number | null } {
    const all = this.messages().filter(({ seq }) => seq < before);
    const page = all.slice(-limit);
    const messages = page.map((told): AnyEntry => {
      const changedSeq = this.#changes(told.seq).at(-1)?.seq;
      const entry = { ...this.log[told.seq - 1], ...told };
      return { ...entry, ...(changedSeq !== undefined && { changedSeq }) };
    });
    return { messages, nextBefore: all.length > limit ? page[0].seq : null };
  }

  /** Every message as it is now. */
  messages(): Told[] {
    return this.log.filter(({ kind }) => kind === "message").map((entry) => this.#tell(entry));
  }

  #tell({ seq, senderId, at, content }: Entry): Told {
    const changes = this.#changes(seq);
    const recall = changes.find(({ kind }) => kind === "message.recalled");
    if (recall) {
      const became = { recalledAt: recall.at, recalledBy: recall.senderId };
      return { seq, senderId, at, content: { type: "recalled" }, edits: 0, reactions: [], ...became };
    }
    const edits = changes.filter(({ kind }) => kind === "message.edited");
    const lastEdit = edits.at(-1);
    const pin = changes.findLast(({ kind }) => kind === "message.pinned" || kind === "message.unpinned");
    return {
      seq,
      senderId,
      at,
      content: (lastEdit?.content.content ?? content) as Record<string, unknown>,
      edits: edits.length,
      reactions: this.#reactions(seq),
      ...(lastEdit && { editedAt: lastEdit.at }),
      ...(pin?.kind === "message.pinned" && { pinnedAt: pin.at }),
    };
  }

  #changes(seq: number): Entry[] {
    return this.log.filter(({ content }) => content.target === seq);
  }

  /** Who reacts how; an emoji that everybody took back and somebody gives again goes to the end. */
  #reactors(seq: number): Map<string, Set<string>> {
    const reactors = new Map<string, Set<string>>();
    for (const { kind, senderId, content } of this.#changes(seq)) {
      const emoji = String(content.emoji);
      const who = reactors.get(emoji) ?? new Set();
      if (kind === "reaction.added") reactors.set(emoji, who.add(senderId));
      if (kind === "reaction.removed" && who.delete(senderId) && who.size === 0) reactors.delete(emoji);
    }
    return reactors;
  }

  #reactions(seq: number): Told["reactions"] {
    return [...this.#reactors(seq)].map(([emoji, who]) => ({
      emoji,
      count: who.size,
      mine: who.has(this.me),
    }));
  }
}
