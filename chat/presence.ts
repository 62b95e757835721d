import { type Bus, type Event, presenceChannel, userChannel } from "../bus/bus.ts";
import type { Data } from "../data/service.ts";
import { ImError } from "../wire/errors.ts";
import type { Listener } from "./listener.ts";
import { notificationFrame } from "./present.ts";

/** A reconnect within this is nobody's business. */
export const GRACE_MS = 5_000;
/** Whoever has a user connected answers within this; otherwise nobody has. */
const ANSWER_MS = 300;
/** A gateway can die without a word: who is watched and online is asked after so often. */
const ASK_AGAIN_MS = 60_000;
/** Last-seen times are stored together, and so often for who stays connected, so that a crash loses little. */
const STORE_MS = 1_000;
const STORE_AGAIN_MS = 300_000;
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
  forget(listener: Listener): void;
  /** Told by the hub: somebody asks for a user who is connected here. */
  asked(userId: number): void;
  /** Stores what was not stored yet. */
  close(): Promise<void>;
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
 * Who is online, without any store of it: a gateway that wants to know asks on the user's own channel, to which
 * exactly the gateways listen that have the user connected. No answer means offline.
 */
export function createPresence(
  { bus, data, now, graceMs = GRACE_MS }: {
    bus: Bus;
    data: Pick<Data, "users" | "relations">;
    now: () => number;
    graceMs?: number;
  },
): Presence {
  const watched = new Map<number, Watched>();
  const watching = new Map<Listener, Set<number>>();
  /** Users connected here; with a timer, those who have just gone. */
  const here = new Map<number, ReturnType<typeof setTimeout> | null>();
  const unstored = new Map<number, number>();
  let storing: ReturnType<typeof setTimeout> | undefined;
  const asking = setInterval(() => watched.forEach((one) => one.online && void ask(one)), ASK_AGAIN_MS);
  const storingAgain = setInterval(() => {
    for (const [userId, gone] of here) if (gone === null) storeSoon(userId, now());
  }, STORE_AGAIN_MS);

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
    return one.asking ??= askNow(one).finally(() => one.asking = null);
  }

  /** Asks, twice if need be, whether anybody has the user connected. */
  async function askNow(one: Watched): Promise<void> {
    const from = performance.now();
    for (let tries = one.online ? 2 : 1; tries > 0 && one.heardAt < from; tries--) {
      bus.publish(userChannel(one.userId), { body: { $case: "presenceAsked", presenceAsked: {} } });
      if (one.heardAt < from) await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    }
    if (one.heardAt < from) change(one, false);
    one.known = true;
  }

  function change(one: Watched, online: boolean): void {
    if (one.online === online) return;
    one.online = online;
    if (!online && one.lastSeenAt === 0) one.lastSeenAt = now();
    if (!one.known) return;
    const frame = notificationFrame("presence.changed", presentPresence(stateOf(one)));
    for (const listener of one.watchers) listener.push(frame);
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
    // What cannot be stored is only a time; the next one will be.
    if (seen.length > 0) await data.users.setSeen({ seen }).catch(() => {});
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
      const leaving = here.get(userId);
      clearTimeout(leaving ?? undefined);
      here.set(userId, null);
      // Who went away for a moment is still online to everyone.
      if (!leaving) tell(userId, true, now());
    },
    vanished(userId) {
      if (here.get(userId) !== null) return;
      const at = now();
      storeSoon(userId, at);
      here.set(
        userId,
        setTimeout(() => {
          here.delete(userId);
          tell(userId, false, at);
        }, graceMs),
      );
    },
    forget,
    asked: (userId) => tell(userId, true, now()),
    async close() {
      clearInterval(asking);
      clearInterval(storingAgain);
      for (const [userId, gone] of here) {
        clearTimeout(gone ?? undefined);
        if (gone === null) unstored.set(userId, now());
      }
      here.clear();
      for (const listener of [...watching.keys()]) forget(listener);
      await store();
    },
  };
}

function stateOf({ userId, online, lastSeenAt }: Watched): PresenceState {
  return { userId, online, lastSeenAt };
}

export function presentPresence({ userId, online, lastSeenAt }: PresenceState) {
  return { userId: String(userId), online, lastSeenAt: lastSeenAt === 0 ? null : lastSeenAt };
}
