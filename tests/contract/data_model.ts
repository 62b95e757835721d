import type { ErrorCode } from "../../wire/errors.ts";

/**
 * What Data should do with conversations, as simply as it can be said: everything in arrays, every question
 * answered by looking at all of it. People are the numbers 0 to 3, conversations are numbered as they come.
 */
export interface ModelEntry {
  kind: string;
  sender: number;
  clientId: string;
  /** A message's text, else "". */
  text: string;
}

interface ModelMember {
  owner: boolean;
  firstSeq: number;
  leftSeq: number | null;
  readSeq: number;
}

export interface ModelConversation {
  direct: boolean;
  members: Map<number, ModelMember>;
  /** Entry seq stands at seq - 1. */
  entries: ModelEntry[];
}

export class Model {
  readonly conversations: ModelConversation[] = [];
  readonly #blocks = new Set<string>();

  openDirect(a: number, b: number): { at: number; created: boolean } | ErrorCode {
    if (a === b) return "conflict";
    const found = this.conversations.findIndex(({ direct, members }) =>
      direct && members.has(a) && members.has(b)
    );
    if (found >= 0) return { at: found, created: false };
    this.conversations.push({ direct: true, members: this.#joined([a, b], 1), entries: [] });
    return { at: this.conversations.length - 1, created: true };
  }

  createGroup(owner: number, others: readonly number[]): void {
    const members = this.#joined([owner, ...others], 1);
    members.get(owner)!.owner = true;
    this.conversations.push({ direct: false, members, entries: [event("group.created", owner)] });
  }

  /** Who was added. */
  add(at: number, actor: number, people: readonly number[]): number[] | ErrorCode {
    const { direct, members, entries } = this.conversations[at];
    const member = this.#present(at, actor);
    if (!member) return "conversation_not_found";
    if (direct || !member.owner) return "forbidden";
    const added = [...new Set(people)].filter((person) => !this.#present(at, person));
    if (added.length > 0) entries.push(event("member.added", actor));
    for (const [person, state] of this.#joined(added, entries.length)) {
      members.set(person, { ...state, readSeq: entries.length });
    }
    return added;
  }

  /** Who may inherit: one of those who joined first, where the owner left. */
  leave(at: number, who: number): number[] | ErrorCode {
    const { direct, members, entries } = this.conversations[at];
    const member = this.#present(at, who);
    if (!member) return "conversation_not_found";
    if (direct) return "forbidden";
    entries.push(event("member.left", who));
    member.leftSeq = entries.length;
    if (!member.owner) return [];
    member.owner = false;
    const present = [...members].filter(([, { leftSeq }]) => leftSeq === null);
    const first = Math.min(...present.map(([, { firstSeq }]) => firstSeq));
    return present.filter(([, { firstSeq }]) => firstSeq === first).map(([person]) => person);
  }

  inherit(at: number, heir: number): void {
    this.conversations[at].members.get(heir)!.owner = true;
  }

  say(
    at: number,
    sender: number,
    clientId: string,
    text: string,
  ): { seq: number; duplicate: boolean } | ErrorCode {
    const { direct, members, entries } = this.conversations[at];
    if (!this.#present(at, sender)) return "conversation_not_found";
    const sent = entries.findIndex((e) =>
      e.kind === "message" && e.sender === sender && e.clientId === clientId
    );
    if (sent >= 0) {
      return entries[sent].text === text ? { seq: sent + 1, duplicate: true } : "client_id_conflict";
    }
    const blockers = [...members.keys()].filter((other) => this.#blocks.has(`${other} blocks ${sender}`));
    if (direct && blockers.length > 0) return "blocked";
    entries.push({ kind: "message", sender, clientId, text });
    return { seq: entries.length, duplicate: false };
  }

  markRead(
    at: number,
    who: number,
    seq: number,
  ): { readSeq: number; unread: number; moved: boolean } | ErrorCode {
    const member = this.#present(at, who);
    if (!member) return "conversation_not_found";
    const to = Math.min(seq, this.conversations[at].entries.length);
    const moved = to > member.readSeq;
    if (moved) member.readSeq = to;
    return { readSeq: member.readSeq, unread: this.unread(at, who), moved };
  }

  block(a: number, b: number): void {
    if (a !== b) this.#blocks.add(`${a} blocks ${b}`);
  }

  unblock(a: number, b: number): void {
    this.#blocks.delete(`${a} blocks ${b}`);
  }

  unread(at: number, who: number): number {
    const { members, entries } = this.conversations[at];
    const from = members.get(who)!.readSeq;
    return entries.slice(from).filter(({ kind, sender }) => kind === "message" && sender !== who).length;
  }

  #present(at: number, who: number): ModelMember | undefined {
    const member = this.conversations[at].members.get(who);
    return member?.leftSeq === null ? member : undefined;
  }

  #joined(people: readonly number[], firstSeq: number): Map<number, ModelMember> {
    return new Map(people.map((person) => [person, { owner: false, firstSeq, leftSeq: null, readSeq: 0 }]));
  }
}

function event(kind: string, sender: number): ModelEntry {
  return { kind, sender, clientId: "", text: "" };
}
