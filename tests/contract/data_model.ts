import type { ErrorCode } from "../../wire/errors.ts";

/**
 * What Data should do with conversations, as simply as it can be said: everything in arrays, every question
 * answered by looking at all of it. People are the numbers 0 to 3, conversations are numbered as they come.
 */
export interface ModelEntry {
  kind: string;
  sender: number;
  clientId: string;
  /** The text of a message or an edit, else "". */
  text: string;
  /** Of a change: the seq of the message. */
  target?: number;
  emoji?: string;
}

/** What became of a message. */
interface ModelState {
  /** Seqs of the entries. */
  edits: number[];
  recalledBy: number | null;
  /** Who reacted with what, as `who emoji`. */
  reactions: Set<string>;
}

/** A message as somebody sees it. */
export interface ModelSeen {
  text: string;
  edits: number[];
  recalledBy: number | null;
  reactions: Record<string, number>;
  mine: string[];
  pinned: boolean;
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
  /** By the message's seq. */
  states: Map<number, ModelState>;
  /** Seqs, the last pinned first. */
  pins: number[];
  /** As `who seq`. */
  hidden: Set<string>;
  banned: Set<number>;
  muted: Set<number>;
  /** The last entry of a group that is no more; 0 while it is. */
  dissolvedSeq: number;
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
    if (this.#anyBlocks([b], a)) return "blocked";
    this.conversations.push(conversation(true, this.#joined([a, b], 1), []));
    return { at: this.conversations.length - 1, created: true };
  }

  /** Null: it was made. */
  createGroup(owner: number, others: readonly number[]): ErrorCode | null {
    if (this.#anyBlocks(others, owner)) return "blocked";
    const members = this.#joined([owner, ...others], 1);
    members.get(owner)!.owner = true;
    this.conversations.push(conversation(false, members, [event("group.created", owner)]));
    return null;
  }

  /** Who was added. */
  add(at: number, actor: number, people: readonly number[]): number[] | ErrorCode {
    const { direct, members, entries } = this.conversations[at];
    const member = this.#present(at, actor);
    if (!member) return "conversation_not_found";
    if (direct || !member.owner) return "forbidden";
    const added = [...new Set(people)].filter((person) => !this.#present(at, person));
    if (this.#anyBlocks(added, actor)) return "blocked";
    if (added.some((person) => this.conversations[at].banned.has(person))) return "banned";
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

  /** Whether there was anything to do. */
  expel(at: number, actor: number, who: number, ban: boolean): boolean | ErrorCode {
    const refusal = this.#governed(at, actor);
    if (refusal) return refusal;
    const { entries, banned } = this.conversations[at];
    const member = this.#present(at, who);
    if (member?.owner) return "forbidden";
    if (!ban && !member) return "member_not_found";
    if (ban && banned.has(who)) return false;
    if (ban) banned.add(who);
    entries.push(event(ban ? "member.banned" : "member.removed", actor));
    if (member) member.leftSeq = entries.length;
    return true;
  }

  unban(at: number, actor: number, who: number): boolean | ErrorCode {
    const refusal = this.#governed(at, actor);
    if (refusal) return refusal;
    const { entries, banned } = this.conversations[at];
    const lifted = banned.delete(who);
    if (lifted) entries.push(event("member.unbanned", actor));
    return lifted;
  }

  mute(at: number, actor: number, who: number, on: boolean): boolean | ErrorCode {
    const refusal = this.#governed(at, actor);
    if (refusal) return refusal;
    const { entries, muted } = this.conversations[at];
    const member = this.#present(at, who);
    if (!member) return "member_not_found";
    if (member.owner) return "forbidden";
    if (muted.has(who) === on) return false;
    if (on) muted.add(who);
    else muted.delete(who);
    entries.push(event("member.muted", actor));
    return true;
  }

  dissolve(at: number, actor: number): true | ErrorCode {
    const refusal = this.#governed(at, actor);
    if (refusal) return refusal;
    const conversation = this.conversations[at];
    conversation.entries.push(event("group.dissolved", actor));
    conversation.dissolvedSeq = conversation.entries.length;
    for (const member of conversation.members.values()) {
      if (member.leftSeq !== null) continue;
      member.leftSeq = conversation.dissolvedSeq;
      member.owner = false;
    }
    return true;
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
    const { entries, muted } = this.conversations[at];
    if (!this.#present(at, sender)) return this.#gone(at, sender);
    const sent = entries.findIndex((e) =>
      e.kind === "message" && e.sender === sender && e.clientId === clientId
    );
    if (sent >= 0) {
      return entries[sent].text === text ? { seq: sent + 1, duplicate: true } : "client_id_conflict";
    }
    if (this.#isBlocked(at, sender)) return "blocked";
    if (muted.has(sender)) return "muted";
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

  /** The changes answer the seq of the new entry, or null where there is nothing to change. */
  edit(at: number, who: number, seq: number, text: string): number | null | ErrorCode {
    const state = this.#changeable(at, who, seq);
    if (typeof state === "string") return state;
    const { entries } = this.conversations[at];
    if (entries[seq - 1].sender !== who) return "forbidden";
    if (state.recalledBy !== null) return "message_recalled";
    if (entries[(state.edits.at(-1) ?? seq) - 1].text === text) return null;
    state.edits.push(entries.length + 1);
    return entries.push({ ...event("message.edited", who), text, target: seq });
  }

  recall(at: number, who: number, seq: number, late: boolean): number | null | ErrorCode {
    const state = this.#changeable(at, who, seq, true);
    if (typeof state === "string") return state;
    if (state.recalledBy !== null) return null;
    const { entries, members, pins } = this.conversations[at];
    if (!members.get(who)!.owner) {
      if (entries[seq - 1].sender !== who) return "forbidden";
      if (late) return "window_closed";
    }
    Object.assign(state, { edits: [], recalledBy: who, reactions: new Set() });
    if (pins.includes(seq)) pins.splice(pins.indexOf(seq), 1);
    return entries.push({ ...event("message.recalled", who), target: seq });
  }

  react(at: number, who: number, seq: number, emoji: string, on: boolean): number | null | ErrorCode {
    const state = this.#changeable(at, who, seq);
    if (typeof state === "string") return state;
    if (state.recalledBy !== null) return "message_recalled";
    const key = `${who} ${emoji}`;
    if (state.reactions.has(key) === on) return null;
    if (on) state.reactions.add(key);
    else state.reactions.delete(key);
    const kind = on ? "reaction.added" : "reaction.removed";
    return this.conversations[at].entries.push({ ...event(kind, who), target: seq, emoji });
  }

  pin(at: number, who: number, seq: number, on: boolean): number | null | ErrorCode {
    const state = this.#changeable(at, who, seq);
    if (typeof state === "string") return state;
    if (state.recalledBy !== null) return "message_recalled";
    const { direct, entries, members, pins } = this.conversations[at];
    if (!direct && !members.get(who)!.owner) return "forbidden";
    if (pins.includes(seq) === on) return null;
    if (on) pins.unshift(seq);
    else pins.splice(pins.indexOf(seq), 1);
    return entries.push({ ...event(on ? "message.pinned" : "message.unpinned", who), target: seq });
  }

  hide(at: number, who: number, seqs: readonly number[]): null | ErrorCode {
    const { members, hidden } = this.conversations[at];
    if (!members.has(who)) return "conversation_not_found";
    for (const seq of seqs) if (this.#isVisibleMessage(at, who, seq)) hidden.add(`${who} ${seq}`);
    return null;
  }

  /** A message as it is for somebody: now, or when they left. Null where they see none. */
  seen(at: number, who: number, seq: number): ModelSeen | null {
    if (!this.#isVisibleMessage(at, who, seq)) return null;
    const { entries, members, pins, hidden } = this.conversations[at];
    const nothing = { edits: [], recalledBy: null, reactions: {}, mine: [], pinned: false };
    if (hidden.has(`${who} ${seq}`)) return { ...nothing, text: "(hidden)" };
    const { edits, recalledBy, reactions } = this.#state(at, seq);
    if (recalledBy !== null) return { ...nothing, text: "(recalled)", recalledBy };
    const { leftSeq } = members.get(who)!;
    const known = edits.filter((edit) => leftSeq === null || edit <= leftSeq);
    const seen = { ...nothing, text: entries[(known.at(-1) ?? seq) - 1].text, edits: known };
    if (leftSeq !== null) return seen;
    const counts: Record<string, number> = {};
    const mine = [];
    for (const reaction of reactions) {
      const [person, emoji] = reaction.split(" ");
      counts[emoji] = (counts[emoji] ?? 0) + 1;
      if (Number(person) === who) mine.push(emoji);
    }
    return { ...seen, reactions: counts, mine: mine.sort(), pinned: pins.includes(seq) };
  }

  /** The text of an entry in the log as somebody reads it. */
  logText(at: number, who: number, seq: number): string {
    const { entries, hidden, members } = this.conversations[at];
    const { kind, text, target = seq } = entries[seq - 1];
    if (kind !== "message" && kind !== "message.edited") return "";
    // Of a message from before their joining.
    if (target < members.get(who)!.firstSeq) return "(hidden)";
    if (hidden.has(`${who} ${target}`)) return "(hidden)";
    return this.#state(at, target).recalledBy === null ? text : "(recalled)";
  }

  /** The emoji of a reaction in the log as somebody reads it. */
  logEmoji(at: number, who: number, seq: number): string | undefined {
    const { entries, members } = this.conversations[at];
    const { target = seq, emoji } = entries[seq - 1];
    return target < members.get(who)!.firstSeq ? undefined : emoji;
  }

  /** The pinned messages that somebody sees. */
  pins(at: number, who: number): number[] {
    if (!this.#present(at, who)) return [];
    return this.conversations[at].pins.filter((seq) => this.#isVisibleMessage(at, who, seq));
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

  #state(at: number, seq: number): ModelState {
    const { states } = this.conversations[at];
    const state = states.get(seq) ?? { edits: [], recalledBy: null, reactions: new Set() };
    states.set(seq, state);
    return state;
  }

  /** The state of a message that somebody may try to change, or what stands in the way for any change. */
  #changeable(at: number, who: number, seq: number, recalling = false): ModelState | ErrorCode {
    if (!this.#present(at, who)) return this.#gone(at, who);
    if (!this.#isVisibleMessage(at, who, seq)) return "message_not_found";
    if (this.#isBlocked(at, who)) return "blocked";
    if (!recalling && this.conversations[at].muted.has(who)) return "muted";
    return this.#state(at, seq);
  }

  /** What stands in the way of governing a group; undefined: nothing. */
  #governed(at: number, actor: number): ErrorCode | undefined {
    const member = this.#present(at, actor);
    if (!member) return "conversation_not_found";
    return this.conversations[at].direct || !member.owner ? "forbidden" : undefined;
  }

  /** Who saw the end of a group knows of it. */
  #gone(at: number, who: number): ErrorCode {
    const { members, dissolvedSeq } = this.conversations[at];
    const sawTheEnd = dissolvedSeq > 0 && members.get(who)?.leftSeq === dissolvedSeq;
    return sawTheEnd ? "group_dissolved" : "conversation_not_found";
  }

  #isVisibleMessage(at: number, who: number, seq: number): boolean {
    const { entries, members } = this.conversations[at];
    const { firstSeq, leftSeq } = members.get(who)!;
    return entries[seq - 1]?.kind === "message" && seq >= firstSeq && seq <= (leftSeq ?? seq);
  }

  #isBlocked(at: number, who: number): boolean {
    const { direct, members } = this.conversations[at];
    return direct && this.#anyBlocks([...members.keys()], who);
  }

  #anyBlocks(people: readonly number[], who: number): boolean {
    return people.some((person) => this.#blocks.has(`${person} blocks ${who}`));
  }

  #present(at: number, who: number): ModelMember | undefined {
    const member = this.conversations[at].members.get(who);
    return member?.leftSeq === null ? member : undefined;
  }

  #joined(people: readonly number[], firstSeq: number): Map<number, ModelMember> {
    return new Map(people.map((person) => [person, { owner: false, firstSeq, leftSeq: null, readSeq: 0 }]));
  }
}

function conversation(
  direct: boolean,
  members: Map<number, ModelMember>,
  entries: ModelEntry[],
): ModelConversation {
  const nobody = { banned: new Set<number>(), muted: new Set<number>(), dissolvedSeq: 0 };
  return { direct, members, entries, states: new Map(), pins: [], hidden: new Set(), ...nobody };
}

function event(kind: string, sender: number): ModelEntry {
  return { kind, sender, clientId: "", text: "" };
}
