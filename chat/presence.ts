import { type Bus, type Event, presenceChannel, userChannel } from "../bus/bus.ts";
import type { Change, Directory } from "../bus/directory.ts";
import type { Data } from "../data/service.ts";
import { ImError } from "../wire/errors.ts";
import type { Listener } from "./listener.ts";
import { notificationFrame } from "./present.ts";

/** A reconnect within this is nobody's business. */
export const GRACE_MS = 5_000;
/** Where the directory is not sure, whoever has a user connected answers within this; otherwise nobody has. */
const ANSWER_MS = 300;
/** A gateway can die without a word: who is watched and online is asked after so often. */
const ASK_AGAIN_MS = 60_000;
/** Last-seen times are stored together, and so often for who stays connected, so that a crash loses little. */
const STORE_MS = 1_000;
const STORE_AGAIN_MS = 300_000;
const STORE_USERS = 1_000;
/** Users one connection may watch. */
const MAX_WATCHED = 1_000;

export interface PresenceState {
  userId: number;
  online: boolean;
  /** When they were last connected, ms since 1970; 0: never, as far as is known. */
  lastSeenAt: number;
}

export interface Presence {
  /** What is known of those of these users whom the caller may watch; nothing of the others. */
  get(userId: number, otherIds: readonly number[]): Promise<PresenceState[]>;
  /** The same, and from then on each change is pushed to the listener. Errors: too_many. */
  subscribe(listener: Listener, otherIds: readonly number[]): Promise<PresenceState[]>;
  unsubscribe(listener: Listener, otherIds: readonly number[]): void;
  /** Told by the hub: a user's first connection here came, their last went, a connection is gone. */
  appeared(userId: number): void;
  vanished(userId: number): void;
  /** Told by the hub: this connection has joined, this one is gone. */
  opened(listener: Listener): void;
  closed(listener: Listener): void;
  /** Told by the hub: somebody asks for a user who is connected here. */
  asked(userId: number): void;
  /** Stores what was not stored yet. */
  close(): Promise<void>;
}

/** A user connected here, and how many connections each of their sessions has. */
interface Here {
  sessions: Map<number, number>;
  /** Set when the last connection has just gone. */
  leaving: ReturnType<typeof setTimeout> | undefined;
}

/** A user whom somebody connected here watches. */
interface Watched {
  userId: number;
  watchers: Set<Listener>;
  online: boolean;
  lastSeenAt: number;
  /** When somebody last said that the user is online, by `performance.now`. */
  heardAt: number;
  /** Asking at this moment. */
  asking: Promise<void> | null;
  /** Asked once to the end: from then on changes are told. */
  known: boolean;
  ready: Promise<void>;
  release: () => void;
}

/**
 * Who is online: found in the directory, which all gateways keep, and told on the Bus when it changes. Where the directory
 * is not sure, a gateway asks on the user's own channel, to which exactly the gateways listen that have the user
 * connected; no answer means offline then.
 */
export function createPresence(
  { bus, directory, data, now, graceMs = GRACE_MS }: {
    bus: Bus;
    directory: Directory;
    data: Pick<Data, "users" | "relations">;
    now: () => number;
    graceMs?: number;
  },
): Presence {
  const watched = new Map<number, Watched>();
  const watching = new Map<Listener, Set<number>>();
  const here = new Map<number, Here>();
  const unstored = new Map<number, number>();
  let storing: ReturnType<typeof setTimeout> | undefined;
  const asking = setInterval(() => watched.forEach((one) => one.online && void ask(one)), ASK_AGAIN_MS);
  const storingAgain = setInterval(() => {
    for (const [userId, { leaving }] of here) if (leaving === undefined) storeSoon(userId, now());
  }, STORE_AGAIN_MS);
  const relooks = new Set<ReturnType<typeof setTimeout>>();
  const unlisten = directory.onChange(gatewaysChanged);
  /** Those who are asked after together, at the end of this turn. */
  let batch: { ones: Watched[]; done: Promise<void> } | undefined;

  const tell = (userId: number, online: boolean, at: number) =>
    bus.publish(presenceChannel(userId), {
      body: { $case: "presenceTold", presenceTold: { userId, online, at } },
    });

  function watch(userId: number, lastSeenAt: number): Watched {
    const known = watched.get(userId);
    if (known) return known;
    const one: Watched = {
      userId,
      watchers: new Set(),
      online: false,
      lastSeenAt,
      heardAt: -Infinity,
      asking: null,
      known: false,
      ready: Promise.resolve(),
      release: () => {},
    };
    watched.set(userId, one);
    one.ready = bus.subscribe(presenceChannel(userId), (event) => hear(one, event)).then((release) => {
      if (watched.get(userId) !== one) return release();
      one.release = release;
      return ask(one);
    });
    one.ready.catch(() => watched.delete(userId));
    return one;
  }

  function hear(one: Watched, { body }: Event): void {
    if (body?.$case !== "presenceTold") return;
    const { online, at } = body.presenceTold;
    if (!online) {
      one.lastSeenAt = Math.max(one.lastSeenAt, at);
      return void ask(one);
    }
    one.heardAt = performance.now();
    change(one, true);
  }

  function ask(one: Watched): Promise<void> {
    if (one.asking) return one.asking;
    batch ??= openBatch();
    batch.ones.push(one);
    return one.asking = batch.done.finally(() => one.asking = null);
  }

  function openBatch() {
    const ones: Watched[] = [];
    const done = new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => {
      batch = undefined;
      return askAll(ones);
    });
    return { ones, done };
  }

  async function askAll(ones: readonly Watched[]): Promise<void> {
    const from = performance.now();
    const { sessions, sure } = await directory.find(ones.map(({ userId }) => userId));
    await Promise.all(ones.map(async (one) => {
      if (sessions.has(one.userId)) change(one, true);
      else if (!sure) await askBus(one, from);
      else if (one.heardAt < from) change(one, false);
      one.known = true;
    }));
  }

  /** Asks, twice if need be, whether anybody has the user connected. */
  async function askBus(one: Watched, from: number): Promise<void> {
    for (let tries = one.online ? 2 : 1; tries > 0 && one.heardAt < from; tries--) {
      bus.publish(userChannel(one.userId), { body: { $case: "presenceAsked", presenceAsked: {} } });
      if (one.heardAt < from) await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    }
    if (one.heardAt < from) change(one, false);
  }

  /** A gateway has come or gone. Whoever it had may be back at another one within the grace. */
  function gatewaysChanged({ lastAt, orphans }: Change): void {
    for (const userId of orphans) storeSoon(userId, lastAt ?? now());
    const timer = setTimeout(() => {
      relooks.delete(timer);
      for (const one of watched.values()) {
        if (lastAt !== undefined && one.online) one.lastSeenAt = Math.max(one.lastSeenAt, lastAt);
        void ask(one);
      }
    }, lastAt === undefined ? 0 : Math.max(0, graceMs - (now() - lastAt)));
    relooks.add(timer);
  }

  function change(one: Watched, online: boolean): void {
    if (one.online === online) return;
    one.online = online;
    if (!online && one.lastSeenAt === 0) one.lastSeenAt = now();
    if (!one.known) return;
    const frame = notificationFrame("presence.changed", presentPresence(stateOf(one)));
    for (const listener of one.watchers) listener.push(frame, "presence.changed");
  }

  function unwatch(listener: Listener, userId: number): void {
    watching.get(listener)?.delete(userId);
    watched.get(userId)?.watchers.delete(listener);
    letGo(userId);
  }

  function letGo(userId: number): void {
    const one = watched.get(userId);
    if (!one || one.watchers.size > 0) return;
    watched.delete(userId);
    one.release();
  }

  /** Adds the one who watches before anything is waited for, so that nobody else lets go of it. */
  async function look(
    userId: number,
    otherIds: readonly number[],
    listener: Listener,
  ): Promise<PresenceState[]> {
    const { seen } = await data.relations.watchable({ userId, otherIds: [...otherIds] });
    const mine = watching.get(listener) ?? new Set();
    const fresh = seen.filter((one) => !mine.has(one.userId));
    if (mine.size + fresh.length > MAX_WATCHED) {
      throw new ImError("too_many", `A connection watches at most ${MAX_WATCHED} people`);
    }
    watching.set(listener, mine);
    const all = seen.map(({ userId, at }) => {
      const one = watch(userId, at);
      one.lastSeenAt = Math.max(one.lastSeenAt, at);
      one.watchers.add(listener);
      mine.add(userId);
      return one;
    });
    await Promise.all(all.map((one) => one.ready));
    return all.map(stateOf);
  }

  function storeSoon(userId: number, at: number): void {
    unstored.set(userId, at);
    storing ??= setTimeout(() => void store(), STORE_MS);
  }

  async function store(): Promise<void> {
    clearTimeout(storing);
    storing = undefined;
    const seen = [...unstored].map(([userId, at]) => ({ userId, at }));
    unstored.clear();
    for (let i = 0; i < seen.length; i += STORE_USERS) {
      // What cannot be stored is only a time; the next one will be.
      await data.users.setSeen({ seen: seen.slice(i, i + STORE_USERS) }).catch(() => {});
    }
  }

  function place(userId: number): Promise<void> | void {
    return directory.set(userId, [...here.get(userId)!.sessions.keys()]);
  }

  function forget(listener: Listener): void {
    for (const userId of [...watching.get(listener) ?? []]) unwatch(listener, userId);
    watching.delete(listener);
  }

  return {
    async get(userId, otherIds) {
      const nobody: Listener = { userId, sessionId: 0, push: () => {}, end: () => {} };
      try {
        return await look(userId, otherIds, nobody);
      } finally {
        forget(nobody);
      }
    },
    subscribe: (listener, otherIds) => look(listener.userId, otherIds, listener),
    unsubscribe(listener, otherIds) {
      for (const userId of otherIds) unwatch(listener, userId);
    },
    appeared(userId) {
      const known = here.get(userId);
      clearTimeout(known?.leaving);
      here.set(userId, { sessions: known?.sessions ?? new Map(), leaving: undefined });
      const placed = place(userId);
      // Who went away for a moment is still online to everyone.
      if (known?.leaving !== undefined) return;
      // Then: who asks the directory and does not find them yet has not subscribed too late to hear this.
      after(placed, () => here.has(userId) && tell(userId, true, now()));
    },
    vanished(userId) {
      const one = here.get(userId);
      if (!one || one.leaving !== undefined) return;
      const at = now();
      storeSoon(userId, at);
      one.leaving = setTimeout(() => {
        here.delete(userId);
        after(directory.set(userId, null), () => here.has(userId) || tell(userId, false, at));
      }, graceMs);
    },
    opened({ userId, sessionId }) {
      const sessions = here.get(userId)?.sessions;
      if (!sessions) return;
      sessions.set(sessionId, (sessions.get(sessionId) ?? 0) + 1);
      if (sessions.get(sessionId) === 1) place(userId);
    },
    closed(listener) {
      forget(listener);
      const { userId, sessionId } = listener;
      const sessions = here.get(userId)?.sessions;
      const left = (sessions?.get(sessionId) ?? 0) - 1;
      if (!sessions || left < 0) return;
      if (left > 0) return void sessions.set(sessionId, left);
      sessions.delete(sessionId);
      place(userId);
    },
    asked: (userId) => tell(userId, true, now()),
    async close() {
      clearInterval(asking);
      clearInterval(storingAgain);
      unlisten();
      relooks.forEach(clearTimeout);
      for (const [userId, { leaving }] of here) {
        clearTimeout(leaving);
        if (leaving === undefined) unstored.set(userId, now());
      }
      here.clear();
      for (const listener of [...watching.keys()]) forget(listener);
      await store();
    },
  };
}

/** At once where there is nothing to wait for. */
function after(done: Promise<void> | void, then: () => unknown): void {
  if (done) void done.then(then);
  else then();
}

function stateOf({ userId, online, lastSeenAt }: Watched): PresenceState {
  return { userId, online, lastSeenAt };
}

export function presentPresence({ userId, online, lastSeenAt }: PresenceState) {
  return { userId: String(userId), online, lastSeenAt: lastSeenAt === 0 ? null : lastSeenAt };
}
