import { type Appended, type Bus, type Event, groupChannel, userChannel } from "../bus/bus.ts";
import { type Entry, LogKind, type MovedLog } from "../data/service.ts";
import type { NotificationName, Notifications } from "../wire/notifications.ts";
import type { Tracer } from "../kit/tracer.ts";
import { toldOf, veiled } from "../wire/veil.ts";
import type { Listener } from "./listener.ts";
import { OrderedLog, PAGE } from "./ordered_log.ts";
import { appendFrame, inboxFrame, notificationFrame } from "./present.ts";
import type { Presence } from "./presence.ts";
import { RecentMap } from "./recent_map.ts";

export interface Hub {
  /**
   * From when this resolves, everything told on the user's channel and those of the user's groups reaches
   * the listener. The answer detaches it.
   */
  attach(listener: Listener): Promise<() => void>;
  readonly connections: number;
  /** Users with a connection here, or just gone. */
  readonly users: number;
  /** Whether somebody here has not been told the last entry of a log, as far as this node knows. */
  isBehind(log: MovedLog): boolean;
  /** Tells what is missing of a log, read from Data. Never rejects. */
  repair(log: MovedLog): Promise<void>;
  /** Tells every connection that it may have missed something. */
  tellToSync(): void;
  /** The data below is another than before (its epoch has risen): forgets all logs and cuts everybody off. */
  renew(): void;
  /** The sessions of all connections here. */
  sessionIds(): number[];
  /** Cuts off the connections of these sessions, which have been ended. */
  endSessions(ids: readonly number[]): void;
  close(): void;
}

export interface HubParts {
  bus: Bus;
  /**
   * The groups a user is in, how far they go and from where on the user may read them; the user's inbox's last seq,
   * not younger than the groups.
   */
  listening(
    userId: number,
  ): Promise<{
    groups: { conversationId: number; lastSeq: number; firstSeq: number }[];
    inboxSeq: number;
  }>;
  presence?: Watcher;
  /** Told of entries that were given to so many connections here, at least one. */
  onDelivered?: (entries: readonly Entry[], connections: number) => void;
  /** Absent: nothing is traced. */
  tracer?: Pick<Tracer, "following">;
  /** The entries of a log after a seq, `limit` at most. */
  tail(request: { logId: number; after: number; limit: number }): Promise<{ entries: Entry[] }>;
}

/** Hears of who comes and goes here. */
type Watcher = Pick<Presence, "appeared" | "vanished" | "opened" | "closed" | "asked">;

/** A user with at least one connection here. */
interface Online {
  userId: number;
  listeners: Set<Listener>;
  groups: Set<number>;
  inbox: OrderedLog;
  /** Timers of groups that could not be entered. */
  retries: Set<ReturnType<typeof setTimeout>>;
  ready: Promise<void>;
  release: () => void;
}

/** How much of a group somebody is told. */
interface Share {
  /** They are told from this entry on. */
  from: number;
  /** What they may read begins here: of older messages they are not told what is in them. */
  firstSeq: number;
}

/** A group with at least one member online here. */
interface Group {
  online: Map<Online, Share>;
  log: OrderedLog;
  /** Of entries after this one the log here says who comes and goes. */
  since: number;
  /** The subscription on its way or made; null before it was tried, and after it failed. */
  ready: Promise<void> | null;
  release: () => void;
}

/** Last seqs told in direct conversations are kept for so many; of an older one the last entry is told again. */
const MAX_TOLD = 100_000;
const MAX_DEPARTED = 100_000;
const ENTER_RETRY_MS = 1_000;

/**
 * Who is connected to this node. It listens on the Bus to exactly the users and groups that have somebody
 * here: from the first connection to the last. What the Bus loses of a group's log or an inbox is read from
 * Data before anything later is told, so that who left a group hears nothing after that (P5).
 */
export function createHub({ bus, listening, tail, presence, onDelivered, tracer }: HubParts): Hub {
  const users = new Map<number, Online>();
  const groups = new Map<number, Group>();
  /** Direct conversations: the last seq that was told here. */
  const told = new RecentMap<number, number>(MAX_TOLD);
  /** Who left which group lately, and with which entry: what says that they are in it may be older than that. */
  const departed = new RecentMap<string, number>(MAX_DEPARTED);
  /** Who is about to leave which group: who comes back is let in after that. */
  const leaving = new Map<string, Promise<void>>();
  let connections = 0;

  const readTail = async (logId: number, after: number) =>
    (await tail({ logId, after, limit: PAGE })).entries;

  function appear(userId: number): Online {
    const online: Online = {
      userId,
      listeners: new Set(),
      retries: new Set(),
      groups: new Set(),
      inbox: new OrderedLog({
        tail: (after) => readTail(userId, after),
        onEntries: (entries, push) => tellInbox(online, entries, push),
      }),
      ready: Promise.resolve(),
      release: () => {},
    };
    users.set(userId, online);
    online.ready = (async () => {
      online.release = await bus.subscribe(userChannel(userId), (event) => hear(online, event));
      const { groups, inboxSeq } = await listening(userId);
      await Promise.all(
        groups.map((group) => enter(online, group.conversationId, group.lastSeq, group.firstSeq)),
      );
      online.inbox.start(inboxSeq);
      presence?.appeared(userId);
    })();
    // Before anyone hears of the failure, so that who tries again at once does not meet what failed.
    online.ready.catch(() => vanish(online));
    return online;
  }

  function vanish(online: Online): void {
    if (users.get(online.userId) === online) {
      users.delete(online.userId);
      presence?.vanished(online.userId);
    }
    online.release();
    online.release = () => {};
    online.inbox.close();
    for (const timer of online.retries) clearTimeout(timer);
    for (const id of [...online.groups]) quit(online, id);
  }

  /** The user is in the group as of this entry of its log, and told from the next one on. */
  async function enter(online: Online, id: number, asOf: number, firstSeq: number): Promise<void> {
    if (users.get(online.userId) !== online || hasDeparted(online.userId, id, asOf)) return;
    let group = groups.get(id);
    if (!group) groups.set(id, group = openGroup(id, asOf));
    else {
      if (await hasLeft(online.userId, id, group, asOf)) return;
      // Meanwhile they may have gone, or the last one here, or gone and come.
      if (users.get(online.userId) !== online || groups.get(id) !== group) {
        return await enter(online, id, asOf, firstSeq);
      }
      if (hasDeparted(online.userId, id, asOf)) return;
    }
    admit(online, id, group, { from: asOf + 1, firstSeq });
    await (group.ready ??= listen(id, group));
  }

  /** The same, however often Data or the Bus fail: nothing else would make good for it while they are online. */
  async function enterAtLast(online: Online, id: number, asOf: number, firstSeq: number): Promise<void> {
    while (users.get(online.userId) === online) {
      try {
        return await enter(online, id, asOf, firstSeq);
      } catch {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(() => (online.retries.delete(timer), resolve()), ENTER_RETRY_MS);
          online.retries.add(timer);
        });
      }
    }
  }

  function admit(online: Online, id: number, group: Group, { from, firstSeq }: Share): void {
    const known = group.online.get(online);
    group.online.set(online, {
      from: Math.min(from, known?.from ?? from),
      // Of two stays the later one counts: a list of somebody's groups may be older than their coming back.
      firstSeq: Math.max(firstSeq, known?.firstSeq ?? firstSeq),
    });
    online.groups.add(id);
  }

  /** Whether they have left since an entry, as far as this node has heard the group's log. */
  async function hasLeft(userId: number, id: number, group: Group, asOf: number): Promise<boolean> {
    let last = 0;
    for (let after = asOf; after < group.since;) {
      const entries = await readTail(id, after);
      if (entries.length === 0) break;
      for (const entry of entries) {
        const left = membershipOf(entry)?.left;
        if (left === EVERYONE || left?.includes(userId)) last = entry.seq;
      }
      after = entries[entries.length - 1].seq;
    }
    return last > asOf || hasDeparted(userId, id, asOf);
  }

  function noteDeparted(userId: number, id: number, seq: number): void {
    if (!hasDeparted(userId, id, seq)) departed.set(placeOf(userId, id), seq);
  }

  const hasDeparted = (userId: number, id: number, asOf: number) =>
    (departed.get(placeOf(userId, id)) ?? 0) > asOf;

  function openGroup(id: number, lastSeq: number): Group {
    const group: Group = {
      online: new Map(),
      log: new OrderedLog({
        tail: (after) => readTail(id, after),
        onEntries: (entries, push) => hearGroup(id, group, entries, push),
      }),
      since: lastSeq,
      ready: null,
      release: () => {},
    };
    group.log.start(lastSeq);
    return group;
  }

  async function listen(id: number, group: Group): Promise<void> {
    try {
      const release = await bus.subscribe(groupChannel(id), ({ body, traceparent }) => {
        if (body?.$case === "appended") deliver(traceparent, () => group.log.hear(body.appended.entries));
        else tellHint(group.online.keys(), body);
      });
      // Everyone may have left while the subscription was on its way.
      if (groups.get(id) === group) group.release = release;
      else release();
    } catch (error) {
      // The next who enters tries again, for everyone.
      group.ready = null;
      throw error;
    }
  }

  function quit(online: Online, id: number): void {
    online.groups.delete(id);
    const group = groups.get(id);
    if (!group?.online.delete(online) || group.online.size > 0) return;
    groups.delete(id);
    group.log.close();
    group.release();
  }

  /** A group's own log says who is in it: who comes is told from their first entry on, who goes up to their last. */
  function hearGroup(id: number, group: Group, entries: readonly Entry[], push: boolean): void {
    let untold = 0;
    const tell = (end: number) => {
      if (push) {
        const part = entries.slice(untold, end);
        delivered(part, tellGroup(id, group, part));
      }
      untold = end;
    };
    for (const [index, entry] of entries.entries()) {
      const change = membershipOf(entry);
      if (!change) continue;
      tell(index);
      const firstSeq = change.history ? 1 : entry.seq;
      for (const userId of change.joined) {
        const online = users.get(userId);
        if (!online) continue;
        if (groups.get(id) === group) admit(online, id, group, { from: entry.seq, firstSeq });
        // Its last one here has left just before, and it is closed: who comes back opens it anew.
        else void enterAtLast(online, id, entry.seq - 1, firstSeq).then(() => groups.get(id)?.log.repair());
      }
      tell(index + 1);
      const left = change.left === EVERYONE ? [...group.online.keys()].map((one) => one.userId) : change.left;
      for (const userId of left) depart(userId, id, group, entry.seq);
    }
    tell(entries.length);
    // Who sees the last of many sees that others are missing.
    if (!push) tellGroup(id, group, entries.slice(-1));
  }

  function depart(userId: number, id: number, group: Group, seq: number): void {
    noteDeparted(userId, id, seq);
    const online = users.get(userId);
    // One who is told from a later entry on has come back since.
    if (online && (group.online.get(online)?.from ?? seq) <= seq) quit(online, id);
  }

  /**
   * Somebody's inbox says that they have left with an entry that the group's log here has not come to: they are told
   * it all the same, since it is their last one and the log tells them nothing after it.
   */
  function hearLeaving(userId: number, id: number, group: Group, seq: number): void {
    const place = placeOf(userId, id);
    // The first may be a read that had begun before.
    const missing = async () => group.log.lastSeq! < seq && await group.log.repair();
    const gone: Promise<void> = missing().then(missing).then(() => {
      if (leaving.get(place) === gone) leaving.delete(place);
      if (groups.get(id) === group) depart(userId, id, group, seq);
    });
    leaving.set(place, gone);
  }

  /** After their leaving it, of which their inbox has spoken before. */
  function letIn(online: Online, id: number, asOf: number, firstSeq: number): void {
    const goes = leaving.get(placeOf(online.userId, id));
    const enterNow = () => void enterAtLast(online, id, asOf, firstSeq);
    // At once where nothing is to be waited for: the group's own hint of it may be the next one.
    if (goes) void goes.then(enterNow);
    else enterNow();
  }

  /** An inbox says which groups to listen to. Of what a group's own log here has said, that knows better. */
  function tellInbox(online: Online, entries: readonly Entry[], push: boolean): void {
    for (const { kind, body } of entries) {
      if (kind !== "conversation.joined" && kind !== "conversation.left") continue;
      const { conversationId, type, seq, firstSeq = seq }: Place = JSON.parse(body);
      if (type !== "group") continue;
      const id = Number(conversationId);
      const group = groups.get(id);
      const known = group?.ready && seq > group.since && seq <= group.log.lastSeq!;
      if (known) continue;
      if (kind === "conversation.joined") letIn(online, id, seq - 1, firstSeq);
      else if (group) hearLeaving(online.userId, id, group, seq);
      else noteDeparted(online.userId, id, seq);
    }
    const shown = push ? entries : entries.slice(-1);
    const frame = inboxFrame(shown, { userId: online.userId });
    for (const listener of online.listeners) {
      listener.push(listener.scopes ? inboxFrame(shown, listener) : frame, "inbox.append");
    }
  }

  function hear(online: Online, { body, traceparent }: Event): void {
    switch (body?.$case) {
      case "inbox":
        return online.inbox.hear(body.inbox.entries);
      case "appended":
        return tellDirect(body.appended, traceparent);
      case "presenceAsked":
        return presence?.asked(online.userId);
      case "sessionEnded":
        for (const listener of [...online.listeners]) {
          if (listener.sessionId === body.sessionEnded.sessionId) {
            listener.end(body.sessionEnded.replaced ? "session_replaced" : "session_ended");
          }
        }
        return;
      default:
        return tellHint([online], body);
    }
  }

  /** It comes on both users' channels, one right after the other; the second time nobody is told. */
  function tellDirect({ conversationId, entries, directUserIds }: Appended, traceparent?: string): void {
    const { seq } = entries[entries.length - 1];
    const last = told.get(conversationId) ?? 0;
    if (seq === last) return;
    if (seq > last) told.set(conversationId, seq);
    deliver(traceparent, () => {
      const frame = appendFrame(conversationId, entries);
      delivered(entries, toMembers(onlineOf(directUserIds), frame, "log.append"));
    });
  }

  /** A span of the trace that the entries belong to, where they were told with one. */
  const deliver = (traceparent: string | undefined, run: () => void) => {
    if (tracer && traceparent) tracer.following("deliver", traceparent, run);
    else run();
  };

  const delivered = (entries: readonly Entry[], connections: number) => {
    if (connections > 0) onDelivered?.(entries, connections);
  };

  const onlineOf = (userIds: readonly number[]) => userIds.flatMap((id) => users.get(id) ?? []);

  async function repairDirect({ logId, lastSeq, directUserIds }: MovedLog): Promise<void> {
    // Of more, or of nobody knows how many, the last one is told: who lacks the others sees the hole.
    const after = Math.max(told.get(logId) ?? 0, lastSeq - PAGE);
    const entries = await readTail(logId, told.has(logId) ? after : lastSeq - 1);
    if (entries.length === 0) return;
    told.set(logId, entries[entries.length - 1].seq);
    toMembers(onlineOf(directUserIds), appendFrame(logId, entries), "log.append");
  }

  return {
    get connections() {
      return connections;
    },
    get users() {
      return users.size;
    },
    async attach(listener) {
      const online = users.get(listener.userId) ?? appear(listener.userId);
      online.listeners.add(listener);
      connections += 1;
      const detach = () => {
        if (!online.listeners.delete(listener)) return;
        connections -= 1;
        presence?.closed(listener);
        if (online.listeners.size === 0) online.ready.then(leaveIfAlone, () => {});
      };
      const leaveIfAlone = () => {
        if (online.listeners.size === 0) vanish(online);
      };
      try {
        await online.ready;
      } catch (error) {
        detach();
        throw error;
      }
      if (online.listeners.has(listener)) presence?.opened(listener);
      return detach;
    },
    isBehind({ logId, kind, lastSeq, directUserIds }) {
      if (lastSeq === 0) return false;
      if (kind === LogKind.LOG_DIRECT) {
        return (told.get(logId) ?? 0) < lastSeq && onlineOf(directUserIds).length > 0;
      }
      const log = kind === LogKind.LOG_INBOX ? users.get(logId)?.inbox : groups.get(logId)?.log;
      return log !== undefined && (log.lastSeq ?? lastSeq) < lastSeq;
    },
    async repair(log) {
      if (log.kind === LogKind.LOG_DIRECT) return await repairDirect(log).catch(() => {});
      await (log.kind === LogKind.LOG_INBOX ? users.get(log.logId)?.inbox : groups.get(log.logId)?.log)
        ?.repair();
    },
    sessionIds() {
      const listeners = [...users.values()].flatMap((online) => [...online.listeners]);
      return [...new Set(listeners.map((listener) => listener.sessionId))];
    },
    endSessions(ids) {
      const ended = new Set(ids);
      for (const online of users.values()) {
        for (const listener of [...online.listeners]) {
          if (ended.has(listener.sessionId)) listener.end("session_ended");
        }
      }
    },
    renew() {
      told.clear();
      departed.clear();
      for (const online of [...users.values()]) {
        // First, so that who comes back at once meets nothing of before.
        vanish(online);
        for (const listener of [...online.listeners]) listener.end("restored");
      }
    },
    tellToSync() {
      tell(users.values(), "sync.needed", {});
    },
    close() {
      for (const online of [...users.values()]) vanish(online);
    },
  };
}

interface Place {
  conversationId: string;
  type: "direct" | "group";
  seq: number;
  firstSeq?: number;
}

/** A user in a group. */
const placeOf = (userId: number, groupId: number) => `${userId} ${groupId}`;

const NOBODY: number[] = [];
const EVERYONE = "everyone";

interface Movement {
  joined: number[];
  left: number[] | typeof EVERYONE;
  /** Who joined may read what came before. */
  history?: boolean;
}

/** Whom an entry of a group's log brings in or takes out; null for most. */
function membershipOf({ kind, body }: Entry): Movement | null {
  switch (kind) {
    case "group.created":
    case "member.added": {
      const { memberIds, history } = JSON.parse(body);
      return { joined: memberIds.map(Number), left: NOBODY, history };
    }
    case "member.left":
    case "member.removed":
    case "member.banned":
      return { joined: NOBODY, left: [Number(JSON.parse(body).memberId)] };
    case "group.dissolved":
      return { joined: NOBODY, left: EVERYONE };
    default:
      return null;
  }
}

/**
 * To each from their own first entry on, and without what is in messages before that; a frame is built once for all
 * for whom it is the same. Answers how many connections were told.
 */
function tellGroup(id: number, { online }: Group, entries: readonly Entry[]): number {
  if (entries.length === 0) return 0;
  let told = 0;
  const targets = entries.map(({ kind, body }) => toldOf(kind, body) ?? Infinity);
  const oldest = Math.min(...targets);
  const frames = new Map<string, string>();
  for (const [member, { from, firstSeq }] of online) {
    if (from > entries[entries.length - 1].seq) continue;
    const start = Math.max(from, entries[0].seq);
    const hidden = firstSeq <= oldest ? 0 : targets.filter((target) => target < firstSeq).length;
    const key = `${start} ${hidden}`;
    let frame = frames.get(key);
    if (!frame) {
      const shown = entries.filter(({ seq }) => seq >= start).map((entry) => veiled(entry, firstSeq));
      frames.set(key, frame = appendFrame(id, shown));
    }
    told += toMembers([member], frame, "log.append");
  }
  return told;
}

/** What is fleeting, or kept elsewhere; the frame is built once. */
function tellHint(members: Iterable<Online>, body: Event["body"]): void {
  switch (body?.$case) {
    case "read": {
      const { conversationId, readSeq, unread } = body.read;
      const params = { conversationId: String(conversationId), readSeq, unread };
      return tell(members, "conversation.read", params);
    }
    case "draft": {
      const { conversationId, draft } = body.draft;
      const params = { conversationId: String(conversationId), draft };
      return tell(members, "draft.changed", params);
    }
    case "receipt": {
      const { conversationId, userId, deliveredSeq, readSeq } = body.receipt;
      const place = { conversationId: String(conversationId), userId: String(userId) };
      const params = { ...place, deliveredSeq, ...(readSeq > 0 ? { readSeq } : {}) };
      return tell(others(members, userId), "receipt.moved", params);
    }
    case "typing": {
      const { conversationId, userId, on } = body.typing;
      const params = { conversationId: String(conversationId), userId: String(userId), on };
      return tell(others(members, userId), "typing.changed", params);
    }
  }
}

/** Answers to how many connections. */
function toMembers(members: Iterable<Online>, frame: string, name: NotificationName): number {
  let count = 0;
  for (const online of members) {
    count += online.listeners.size;
    for (const listener of online.listeners) listener.push(frame, name);
  }
  return count;
}

function tell<N extends NotificationName>(
  members: Iterable<Online>,
  name: N,
  params: Notifications[N],
): void {
  toMembers(members, notificationFrame(name, params), name);
}

/** Everyone but the one who did it. */
function* others(members: Iterable<Online>, userId: number): Iterable<Online> {
  for (const online of members) if (online.userId !== userId) yield online;
}
