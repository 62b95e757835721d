import { type Relations, RelationState as State } from "../service.ts";
import type { Row, Storage } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { lockHeads } from "./entries.ts";
import { friendChange, RELATION_SELECT, type RelationRow, stateOf, writeRelations } from "./relation_rows.ts";

/** Requests that nobody answered: as none from their time on, and taken away when one of the two looks. */
export function createRequestExpiry(db: Storage, { now }: Clock): Pick<Relations, "expire"> {
  return {
    async expire({ userId, expiredBefore, limit }) {
      const due = await db.all<Row & { other_id: number }>(
        "SELECT other_id FROM relations WHERE user_id = ? AND state IN (?, ?) AND at < ? ORDER BY at LIMIT ?",
        [userId, State.RELATION_REQUESTED, State.RELATION_INVITED, expiredBefore, limit],
      );
      if (due.length === 0) return { inboxes: [] };
      const ids = due.map((row) => row.other_id);
      return await db.transaction(async (tx) => {
        await lockHeads(tx, [userId, ...ids]);
        const rows = await tx.allIn<RelationRow>(
          `${RELATION_SELECT} WHERE (user_id, other_id) IN {keys}`,
          ids.flatMap((id) => [[userId, id], [id, userId]]),
        );
        const expired = rows.filter((row) => row.state !== stateOf(row, expiredBefore));
        const changes = expired.map((row) => {
          const { user_id, other_id } = row;
          const asker = row.state === State.RELATION_REQUESTED ? user_id : other_id;
          return friendChange(asker, { userId: user_id, otherId: other_id, state: State.RELATION_NONE });
        });
        return { inboxes: await writeRelations(tx, changes, now()) };
      });
    },
  };
}
