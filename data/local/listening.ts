import type { Conversations } from "../service.ts";
import type { Row, Storage } from "../sql/driver.ts";

interface GroupRow extends Row {
  user_id: number;
  id: number;
  last_seq: number;
  first_seq: number;
}

/** What a gateway listens to for who connects to it. */
export function createListening(db: Storage): Pick<Conversations, "listening" | "listeningOf"> {
  const listeningOf: Conversations["listeningOf"] = async ({ userIds }) => {
    const keys = [...new Set(userIds)].map((id) => [id]);
    // The inboxes first: what they say later is then in the lists already or heard by who listens.
    const heads = await db.allIn<Row & { conversation_id: number; last_seq: number }>(
      "SELECT conversation_id, last_seq FROM heads WHERE conversation_id IN {keys}",
      keys,
    );
    const rows = await db.allIn<GroupRow>(
      `SELECT m.user_id, m.conversation_id AS id, h.last_seq, m.first_seq
       FROM members m JOIN heads h ON h.conversation_id = m.conversation_id
       WHERE m.is_group = 1 AND m.left_seq IS NULL AND m.user_id IN {keys}`,
      keys,
    );
    const inboxSeqs = new Map(heads.map((row) => [row.conversation_id, row.last_seq]));
    const groups = Map.groupBy(rows, (row) => row.user_id);
    const users = userIds.map((userId) => ({
      groups: (groups.get(userId) ?? []).map((row) => ({
        conversationId: row.id,
        lastSeq: row.last_seq,
        firstSeq: row.first_seq,
      })),
      inboxSeq: inboxSeqs.get(userId) ?? 0,
    }));
    return { users };
  };
  return {
    listeningOf,
    listening: async ({ userId }) => (await listeningOf({ userIds: [userId] })).users[0],
  };
}
