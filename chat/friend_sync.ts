import { type Data, RelationState as State } from "../data/service.ts";
import type { Relation } from "../wire/mod.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import type { Handlers } from "./handlers.ts";
import { findPeople } from "./people.ts";
import { presentUser } from "./present.ts";

const STATES: Partial<Record<State, Relation["state"]>> = {
  [State.RELATION_REQUESTED]: "requested",
  [State.RELATION_INVITED]: "invited",
  [State.RELATION_FRIENDS]: "friends",
  [State.RELATION_BLOCKED]: "blocked",
};

export interface FriendSyncParts {
  data: Data;
  /** Takes away what has expired. */
  tidy: (userId: number) => Promise<void>;
  expiredBefore: () => number | undefined;
  expiresAt: (at: number) => number | null;
}

/** What has changed between a user and others since the version they know. */
export function createFriendSync(
  { data, tidy, expiredBefore, expiresAt }: FriendSyncParts,
): Handlers<"friend.sync"> {
  return {
    "friend.sync": async ({ userId }, { since, cursor, limit }) => {
      const resumed = cursor !== undefined;
      if (!resumed) await tidy(userId);
      // Versions from before there were any lie below zero: the second number is 1 for them.
      const [place, below] = parseCursor(cursor, 2);
      const { relations, more, version, full } = await data.relations.sync({
        userId,
        since: resumed ? (below ? -place : place) : since,
        limit,
        resumed,
        expiredBefore: expiredBefore(),
      });
      const people = await findPeople(data, relations.map(({ otherId }) => otherId));
      const changed: Relation[] = [];
      const removed: string[] = [];
      for (const { otherId, state, note, at, remark, tags } of relations) {
        const [name, user] = [STATES[state], people.get(otherId)];
        if (!name || !user) {
          removed.push(String(otherId));
          continue;
        }
        const waits = name === "requested" || name === "invited";
        changed.push({
          user: presentUser(user),
          state: name,
          at,
          note,
          expiresAt: waits ? expiresAt(at) : null,
          remark: remark || null,
          tags,
        });
      }
      const last = relations.at(-1)?.version ?? 0;
      const nextCursor = more ? formatCursor(Math.abs(last), last < 0 ? 1 : 0) : null;
      return { changed, removed, full, nextCursor, version };
    },
  };
}
