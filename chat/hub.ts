import { type Appended, type Bus, type Event, groupChannel, userChannel } from "../bus/bus.ts";
import { type Entry, LogKind, type MovedLog } from "../data/service.ts";
import type { Tracer } from "../kit/tracer.ts";
import type { Listener } from "./listener.ts";
import { EVERYONE, membershipOf } from "./membership.ts";
import { OrderedLog, PAGE } from "./ordered_log.ts";
import { appendFrame, inboxFrame } from "./present.ts";
import type { Presence } from "./presence.ts";
import { RecentMap } from "./recent_map.ts";
import { type Share, staying, tell, tellGroup, tellHint, type Told, toMembers } from "./telling.ts";

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
interface Online extends Told {
  listeners: Set<Listener>;
  groups: Set<number>;
  inbox: OrderedLog;
  /** Timers of groups that could not be entered. */
  retries: Set<ReturnType<typeof setTimeout>>;
  ready: Promise<void>;
  release: () => void;
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
        if (body?.$case !== "appended") return tellHint(staying(group.online), body);
        const { entries } = body.appended;
        if (tracer && traceparent) tracer.following("deliver", traceparent, () => group.log.hear(entries));
        else group.log.hear(entries);
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
        delivered(part, tellGroup(id, group.online, part));
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
    if (!push) tellGroup(id, group.online, entries.slice(-1));
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
    const online = users.get(userId);
    const share = online && group.online.get(online);
    // One who is told from a later entry on has come back since.
    if (share && share.from <= seq) group.online.set(online, { ...share, leaves: true });
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
    if (tracer && traceparent) {
      const give = () => giveDirect(conversationId, entries, directUserIds);
      tracer.following("deliver", traceparent, give);
    } else giveDirect(conversationId, entries, directUserIds);
  }

  function giveDirect(id: number, entries: readonly Entry[], userIds: readonly number[]): void {
    delivered(entries, toMembers(onlineOf(userIds), appendFrame(id, entries), "log.append"));
  }

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
    giveDirect(logId, entries, directUserIds);
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
