import type { Bus } from "../bus/bus.ts";
import { type Data, type InboxAppended, RelationState as State } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import { announceInboxes } from "./announce.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import type { Handlers, HandlersOf } from "./handlers.ts";
import { findPeople } from "./people.ts";
import { presentUser } from "./present.ts";

/** People: finding them, being friends, blocking. */
export function createContacts(
  { data, bus }: { data: Data; bus: Bus },
): Handlers<"user.search"> & HandlersOf<"friend"> & HandlersOf<"block"> {
  /** A change of a relation, and what the inboxes of the two say of it. */
  async function told(change: Promise<{ state: State; inboxes: InboxAppended[] }>): Promise<State> {
    const { state, inboxes } = await change;
    announceInboxes(bus, inboxes);
    return state;
  }

  async function page(userId: number, state: State, input: { cursor?: string; limit: number }) {
    const [afterId] = parseCursor(input.cursor, 1);
    const { relations, more } = await data.relations.list({ userId, state, afterId, limit: input.limit });
    const people = await findPeople(data, relations.map((relation) => relation.otherId));
    const rows = relations.flatMap(({ otherId, note, at }) => {
      const user = people.get(otherId);
      return user ? [{ user: presentUser(user), note, at }] : [];
    });
    const last = relations.at(-1);
    return { rows, nextCursor: more && last ? formatCursor(last.otherId) : null };
  }

  return {
    "user.search": async (caller, { query, limit }) => {
      const { users } = await data.users.search({ query: foldName(query), limit, askerId: caller.userId });
      return { users: users.map(presentUser) };
    },

    "friend.request": async (caller, { userId, note = "" }) => {
      const state = await told(
        data.relations.request({ userId: caller.userId, otherId: Number(userId), note }),
      );
      return { state: state === State.RELATION_FRIENDS ? "friends" : "requested" };
    },
    "friend.requests": async (caller, input) => {
      const { rows, nextCursor } = await page(caller.userId, State.RELATION_INVITED, input);
      return { requests: rows, nextCursor };
    },
    "friend.accept": async (caller, { userId }) => {
      await told(data.relations.answer({ userId: caller.userId, otherId: Number(userId), accept: true }));
      return {};
    },
    "friend.reject": async (caller, { userId }) => {
      await told(data.relations.answer({ userId: caller.userId, otherId: Number(userId), accept: false }));
      return {};
    },
    "friend.list": async (caller, input) => {
      const { rows, nextCursor } = await page(caller.userId, State.RELATION_FRIENDS, input);
      return { friends: rows.map(({ user, at }) => ({ user, since: at })), nextCursor };
    },
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
