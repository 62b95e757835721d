import { type Bus, type Event, groupChannel, userChannel } from "../../bus/bus.ts";
import { createMemoryBus } from "../../bus/memory.ts";
import { createHub, type Hub } from "../../chat/hub.ts";
import type { Listener } from "../../chat/listener.ts";
import type { Entry, MovedLog } from "../../data/service.ts";
import type { LogKind } from "../../data/service.ts";

/** A hub for tests over logs in memory, whose hints a test publishes, loses or turns around as it likes. */

/** A Bus that counts its open subscriptions, and can be slow or broken. */
export function countingBus() {
  const bus = createMemoryBus();
  const open = new Map<string, number>();
  const count = (channel: string, by: number) => {
    const now = (open.get(channel) ?? 0) + by;
    if (now === 0) open.delete(channel);
    else open.set(channel, now);
  };
  const control = { broken: new Set<string>(), slow: Promise.resolve() };
  const counting: Bus = {
    ...bus,
    async subscribe(channel, listener) {
      await control.slow;
      if (control.broken.has(channel)) throw new Error(`cannot listen to ${channel}`);
      const release = await bus.subscribe(channel, listener);
      count(channel, 1);
      let open = true;
      return () => {
        if (open) count(channel, -1);
        open = false;
        release();
      };
    },
  };
  return { bus: counting, control, channels: () => Object.fromEntries([...open].sort()) };
}

export interface Heard extends Listener {
  frames: string[];
  ended: string[];
  messages(): { method: string; params: Record<string, unknown> }[];
  /** The seqs of one conversation's entries, in the order they came. */
  seqs(conversationId: number): number[];
}

let sessions = 0;

export function listener(userId: number, sessionId = ++sessions): Heard {
  const [frames, ended]: string[][] = [[], []];
  const messages: Heard["messages"] = () => frames.map((frame) => JSON.parse(frame));
  return {
    userId,
    sessionId,
    frames,
    ended,
    messages,
    push: (frame) => void frames.push(frame),
    end: (code) => void ended.push(code),
    seqs: (conversationId) =>
      messages().filter(({ method, params }) =>
        method === "log.append" && params.conversationId === String(conversationId)
      ).flatMap(({ params }) => (params.entries as { seq: number }[]).map(({ seq }) => seq)),
  };
}

export async function attach(hub: Hub, userId: number) {
  const heard = listener(userId);
  return { heard, detach: await hub.attach(heard) };
}

/** Lets everything that waits for nothing else happen. */
export const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
export const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Something on a channel, told when the test says so. */
export interface Hint {
  channel: string;
  event: Event;
}

/** Logs of groups, direct conversations and inboxes, as Data would keep them. */
export class Logs {
  readonly entries = new Map<number, Entry[]>();
  /** Reads of it fail. */
  down = false;

  head(id: number): number {
    return this.entries.get(id)?.length ?? 0;
  }

  append(id: number, kind: string, content: unknown, senderId = 1): Entry {
    const log = this.entries.get(id) ?? [];
    this.entries.set(id, log);
    const seq = log.length + 1;
    const entry = { seq, kind, senderId, at: 5, messageNo: seq, clientId: "", body: JSON.stringify(content) };
    log.push(entry);
    return entry;
  }

  tail = ({ logId, after, limit }: { logId: number; after: number; limit: number }) => {
    if (this.down) return Promise.reject(new Error("no database"));
    return Promise.resolve({ entries: this.entries.get(logId)?.slice(after, after + limit) ?? [] });
  };

  /** A message in a group. */
  say(group: number): Hint {
    return this.#grouped(group, this.append(group, "message", { type: "text", text: "hello" }));
  }

  /** A message in a direct conversation: one hint for each of the two. */
  sayTo(conversationId: number, directUserIds: number[]): Hint[] {
    const entries = [this.append(conversationId, "message", { type: "text", text: "hello" })];
    const event: Event = {
      body: { $case: "appended", appended: { conversationId, entries, directUserIds } },
    };
    return directUserIds.map((userId) => ({ channel: userChannel(userId), event }));
  }

  join(group: number, userId: number): [inGroup: Hint, inInbox: Hint] {
    const entry = this.append(group, "member.added", { memberIds: [String(userId)] });
    return [this.#grouped(group, entry), this.#inbox(userId, "conversation.joined", group, entry.seq)];
  }

  leave(group: number, userId: number): [inGroup: Hint, inInbox: Hint] {
    const entry = this.append(group, "member.left", { memberId: String(userId) });
    return [this.#grouped(group, entry), this.#inbox(userId, "conversation.left", group, entry.seq)];
  }

  /** Taken out by somebody else. */
  remove(group: number, userId: number, kind: "member.removed" | "member.banned"): [Hint, Hint] {
    const entry = this.append(group, kind, { memberId: String(userId) });
    return [this.#grouped(group, entry), this.#inbox(userId, "conversation.left", group, entry.seq)];
  }

  dissolve(group: number): Hint {
    return this.#grouped(group, this.append(group, "group.dissolved", {}));
  }

  /** A change of a message in a group. */
  change(group: number, kind: string, content: Record<string, unknown>): Hint {
    return this.#grouped(group, this.append(group, kind, content));
  }

  /** What `conversations.listening` would answer now. */
  listening(userId: number) {
    const groups = [...this.entries.keys()].filter((id) => this.spans(id, userId).at(-1)?.to === Infinity);
    return {
      groups: groups.map((conversationId) => ({
        conversationId,
        lastSeq: this.head(conversationId),
        firstSeq: this.spans(conversationId, userId).at(-1)!.from,
      })),
      inboxSeq: this.head(userId),
    };
  }

  /** From where to where of a group's log a user may see. */
  spans(group: number, userId: number): { from: number; to: number }[] {
    const spans: { from: number; to: number }[] = [];
    for (const { kind, body, seq } of this.entries.get(group) ?? []) {
      if (kind === "member.added" && JSON.parse(body).memberIds.includes(String(userId))) {
        spans.push({ from: seq, to: Infinity });
      }
      const left = ["member.left", "member.removed", "member.banned"].includes(kind) &&
        JSON.parse(body).memberId === String(userId);
      if (spans.at(-1)?.to === Infinity && (left || kind === "group.dissolved")) spans.at(-1)!.to = seq;
    }
    return spans;
  }

  moved(logId: number, kind: LogKind, directUserIds: number[] = []): MovedLog {
    return { logId, kind, lastSeq: this.head(logId), directUserIds };
  }

  #grouped(conversationId: number, entry: Entry): Hint {
    const appended = { conversationId, entries: [entry], directUserIds: [] };
    return { channel: groupChannel(conversationId), event: { body: { $case: "appended", appended } } };
  }

  #inbox(userId: number, kind: string, group: number, seq: number): Hint {
    const entry = this.append(userId, kind, { conversationId: String(group), type: "group", seq });
    return {
      channel: userChannel(userId),
      event: { body: { $case: "inbox", inbox: { userId, entries: [entry] } } },
    };
  }
}

/** A hub over a counting bus and logs in memory. */
export function stage() {
  const { bus, control, channels } = countingBus();
  const logs = new Logs();
  const asked: PromiseWithResolvers<ReturnType<Logs["listening"]>>[] = [];
  /** With `slow.lists` set, lists of groups come when the test resolves them. */
  const slow = { lists: false };
  const hub = createHub({
    bus,
    tail: logs.tail,
    listening: (userId) => {
      if (!slow.lists) return Promise.resolve(logs.listening(userId));
      const list = Promise.withResolvers<ReturnType<Logs["listening"]>>();
      asked.push(list);
      return list.promise;
    },
  });
  const tell = (...hints: Hint[]) => hints.forEach(({ channel, event }) => bus.publish(channel, event));
  return { bus, control, channels, logs, hub, slow, asked, tell };
}
