import type { Bus } from "../bus/bus.ts";
import { type Data, type InboxAppended, type Relation, RelationState as State } from "../data/service.ts";
import type { Output } from "../wire/mod.ts";
import { announceInboxes } from "./announce.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import { createFriendSync } from "./friend_sync.ts";
import type { HandlersOf } from "./handlers.ts";
import { findPeople } from "./people.ts";
import { type Presence, presentPresence } from "./presence.ts";
import { presentUser } from "./present.ts";

export interface FriendParts {
  data: Data;
  bus: Bus;
  presence: Pick<Presence, "get">;
  now: () => number;
  /** After so long an unanswered request has ended; 0: never. */
  requestExpiryMs: number;
}

/** Requests taken away when one of the two looks at theirs. */
const EXPIRE_AT_ONCE = 100;

/** Being friends, and blocking. */
export function createFriends(parts: FriendParts): HandlersOf<"friend"> & HandlersOf<"block"> {
  const { data, bus, now, requestExpiryMs } = parts;
  const expiredBefore = () => requestExpiryMs === 0 ? undefined : now() - requestExpiryMs;
  const expiresAt = (at: number) => requestExpiryMs === 0 ? null : at + requestExpiryMs;

  /** A change of a relation, and what the inboxes of the two say of it. */
  async function told(change: Promise<{ state: State; inboxes: InboxAppended[] }>): Promise<State> {
    const { state, inboxes } = await change;
    announceInboxes(bus, inboxes);
    return state;
  }

  /** Takes away what has expired: nobody sees it any more in any case. */
  async function tidy(userId: number): Promise<void> {
    const before = expiredBefore();
    if (before === undefined) return;
    const request = { userId, expiredBefore: before, limit: EXPIRE_AT_ONCE };
    announceInboxes(bus, (await data.relations.expire(request)).inboxes);
  }

  async function page(
    userId: number,
    state: State,
    { cursor, limit, tag }: { cursor?: string; limit: number; tag?: string },
  ) {
    const [afterId] = parseCursor(cursor, 1);
    const request = { userId, state, afterId, limit, tag, expiredBefore: expiredBefore() };
    const { relations, more } = await data.relations.list(request);
    const people = await findPeople(data, relations.map((relation) => relation.otherId));
    const rows = relations.flatMap((relation) => {
      const user = people.get(relation.otherId);
      return user ? [{ ...relation, user: presentUser(user) }] : [];
    });
    const last = relations.at(-1);
    return { rows, nextCursor: more && last ? formatCursor(last.otherId) : null };
  }

  /** Who of these is online, as far as the user may know. Where that cannot be learned, the list comes without. */
  async function presences(userId: number, relations: readonly Relation[]) {
    const states = await parts.presence.get(userId, relations.map(({ otherId }) => otherId)).catch(() => []);
    return new Map(states.map((state) => [state.userId, presentPresence(state)]));
  }

  return {
    ...createFriendSync({ data, tidy, expiredBefore, expiresAt }),

    "friend.request": async (caller, { userId, note = "" }): Promise<Output<"friend.request">> => {
      const both = { userId: caller.userId, otherId: Number(userId) };
      const state = await told(data.relations.request({ ...both, note, expiredBefore: expiredBefore() }));
      return { state: state === State.RELATION_FRIENDS ? "friends" : "requested" };
    },
    "friend.requests": async ({ userId }, { direction, ...input }) => {
      await tidy(userId);
      const state = direction === "sent" ? State.RELATION_REQUESTED : State.RELATION_INVITED;
      const { rows, nextCursor } = await page(userId, state, input);
      const requests = rows.map(({ user, note, at }) => ({ user, note, at, expiresAt: expiresAt(at) }));
      return { requests, nextCursor };
    },
    "friend.accept": async (caller, { userId }) => {
      const both = { userId: caller.userId, otherId: Number(userId) };
      await told(data.relations.answer({ ...both, accept: true, expiredBefore: expiredBefore() }));
      return {};
    },
    "friend.reject": async (caller, { userId }) => {
      const both = { userId: caller.userId, otherId: Number(userId) };
      await told(data.relations.answer({ ...both, accept: false, expiredBefore: expiredBefore() }));
      return {};
    },
    "friend.withdraw": async (caller, { userId }) => {
      const both = { userId: caller.userId, otherId: Number(userId) };
      await told(data.relations.withdraw({ ...both, expiredBefore: expiredBefore() }));
      return {};
    },
    "friend.list": async (caller, { presence, ...input }) => {
      const { rows, nextCursor } = await page(caller.userId, State.RELATION_FRIENDS, input);
      const states = presence ? await presences(caller.userId, rows) : new Map();
      const friends = rows.map(({ user, otherId, at, remark, tags }) => {
        return { user, since: at, remark: remark || null, tags, presence: states.get(otherId) ?? null };
      });
      return { friends, nextCursor };
    },
    "friend.configure": async (caller, { userId, remark, tags }) => {
      const { relation, inbox } = await data.relations.configure({
        userId: caller.userId,
        otherId: Number(userId),
        remark: remark === null ? "" : remark,
        tags: tags && { tags },
      });
      announceInboxes(bus, [inbox]);
      return { remark: relation!.remark || null, tags: relation!.tags };
    },
    "friend.tags": async ({ userId }) => await data.relations.tags({ userId }),
    "friend.remove": async (caller, { userId }) => {
      await told(data.relations.remove({ userId: caller.userId, otherId: Number(userId) }));
      return {};
    },

    "block.add": async (caller, { userId }) => {
      await told(data.relations.block({ userId: caller.userId, otherId: Number(userId) }));
      return {};
    },
    "block.remove": async (caller, { userId }) => {
      await told(data.relations.unblock({ userId: caller.userId, otherId: Number(userId) }));
      return {};
    },
    "block.list": async (caller, input) => {
      const { rows, nextCursor } = await page(caller.userId, State.RELATION_BLOCKED, input);
      return { users: rows.map(({ user }) => user), nextCursor };
    },
  };
}
