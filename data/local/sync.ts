import type { Conversations } from "../service.ts";
import type { Row, Storage } from "../sql/driver.ts";
import { VIEW, type ViewRow, views } from "./conversation_view.ts";
import { hourOf } from "./touched.ts";

/**
 * What happened in a user's conversations since a time. It looks at the direct conversations that were touched
 * and at the groups the user is in; what rested costs nothing.
 */
export function createSync(db: Storage): Pick<Conversations, "sync"> {
  return {
    async sync({ userId, since, afterId, limit }) {
      const hour = hourOf(since);
      const [touched, groups] = await Promise.all([
        db.all<Row & { conversation_id: number }>(
          "SELECT DISTINCT conversation_id FROM touched WHERE user_id = ? AND hour >= ?",
          [userId, hour],
        ),
        db.all<Row & { conversation_id: number }>(
          `SELECT m.conversation_id FROM members m JOIN heads h ON h.conversation_id = m.conversation_id
           WHERE m.user_id = ? AND m.is_group = 1 AND m.left_seq IS NULL AND h.last_at >= ?`,
          [userId, since],
        ),
      ]);
      const ids = [...new Set([...touched, ...groups].map((row) => row.conversation_id))]
        .filter((id) => id > afterId).sort((a, b) => a - b);
      // More are touched than moved (an hour is coarse), so pages are cut by what was looked at.
      const page = ids.slice(0, limit);
      const rows = await db.allIn<ViewRow>(
        `${VIEW.replace("WHERE m.user_id = ?", "WHERE")} (m.conversation_id, m.user_id) IN {keys}`,
        page.map((id) => [id, userId]),
      );
      const moved = rows.filter((row) => row.last_at >= since || row.moved_at >= since).sort((a, b) =>
        a.id - b.id
      );
      const present = moved.filter((row) => row.left_seq === null);
      return {
        conversations: await views(db, present, userId),
        leftIds: moved.filter((row) => row.left_seq !== null).map((row) => row.id),
        nextAfterId: ids.length > page.length ? page[page.length - 1] : 0,
      };
    },
  };
}
