import { ImError } from "../../wire/errors.ts";
import type { Admin, AdminActor, Broadcast, InboxAppended } from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import type { Act } from "./audit.ts";
import type { Clock } from "./clock.ts";
import { appendInboxes } from "./inbox.ts";

type Broadcasts = Pick<Admin, "startBroadcast" | "stepBroadcast" | "listBroadcasts">;

/** Runs an act of an admin's with its line in the audit log (admin.ts). */
export type RunAct = <T>(
  actor: AdminActor | undefined,
  line: Act,
  run: (tx: Tx, admin: AdminActor) => Promise<T>,
) => Promise<T>;

const COLUMNS = [
  "id",
  "admin_id",
  "text",
  "user_ids",
  "at",
  "told_to",
  "told",
  "total",
  "stepped_at",
  "done_at",
];

interface BroadcastRow extends Row {
  id: number;
  admin_id: number;
  text: string;
  user_ids: string;
  at: number;
  told_to: number;
  told: number;
  total: number;
  stepped_at: number;
  done_at: number;
}

/** Bots read no announcements; who came after it began was not meant. */
const MEANT = "owner_id = 0 AND created_at <= ?";

/** What admins tell everyone: a row that says how far it has come, and steps that each tell a few. */
export function createBroadcasts(db: Storage, { now }: Clock, act: RunAct): Broadcasts {
  return {
    startBroadcast({ actor, id, text, userIds }) {
      const detail = { text, ...(userIds.length > 0 ? { userIds: userIds.map(String) } : {}) };
      return act(actor, { act: "admin.broadcast", targetId: id, detail }, async (tx, admin) => {
        const taken = await tx.all("SELECT id FROM broadcasts WHERE id = ?", [id]);
        if (taken.length > 0) throw new ImError("conflict");
        const at = now();
        const total = userIds.length > 0
          ? (await meantAmong(tx, userIds, at)).length
          : (await tx.all<Row & { n: number }>(`SELECT COUNT(*) AS n FROM users WHERE ${MEANT}`, [at]))[0].n;
        // A list of nobody is a mistake; one that some have left in the meantime is not.
        if (userIds.length > 0 && total === 0) throw new ImError("user_not_found");
        const list = userIds.length > 0 ? JSON.stringify([...new Set(userIds)].sort((a, b) => a - b)) : "";
        const values = [id, admin.userId, text, list, at, 0, 0, total, at, 0];
        await tx.insert("broadcasts", COLUMNS, [values]);
        const [row] = await tx.lock<BroadcastRow>("broadcasts", COLUMNS, "id", [id]);
        return toBroadcast(row);
      });
    },

    stepBroadcast: ({ id, limit }) =>
      db.transaction(async (tx) => {
        // Its row is locked before any head and by nobody who holds one; so two steps follow each other.
        const [row] = await tx.lock<BroadcastRow>("broadcasts", COLUMNS, "id", [id]);
        if (!row) throw new ImError("not_found");
        if (row.done_at > 0) return { broadcast: toBroadcast(row), inboxes: [] };
        const next = await nextUsers(tx, row, limit);
        const content = { broadcastId: String(id), text: row.text };
        const items = next.map((userId) => ({
          userId,
          actorId: row.admin_id,
          kind: "system.message",
          content,
        }));
        const inboxes: InboxAppended[] = await appendInboxes(tx, items, now());
        const changed = {
          ...row,
          told_to: next.at(-1) ?? row.told_to,
          told: row.told + next.length,
          stepped_at: now(),
          done_at: next.length < limit ? now() : 0,
        };
        await tx.run(
          "UPDATE broadcasts SET told_to = ?, told = ?, stepped_at = ?, done_at = ? WHERE id = ?",
          [
            changed.told_to,
            changed.told,
            changed.stepped_at,
            changed.done_at,
            id,
          ],
        );
        return { broadcast: toBroadcast(changed), inboxes };
      }),

    async listBroadcasts({ staleBefore, beforeId, limit }) {
      const [condition, values] = staleBefore > 0
        ? ["done_at = 0 AND stepped_at < ?", [staleBefore]]
        : ["id < ?", [beforeId || Number.MAX_SAFE_INTEGER]];
      const rows = await db.all<BroadcastRow>(
        `SELECT ${COLUMNS} FROM broadcasts WHERE ${condition} ORDER BY id DESC LIMIT ?`,
        [...values as number[], limit + 1],
      );
      return { broadcasts: rows.slice(0, limit).map(toBroadcast), more: rows.length > limit };
    },
  };
}

/** The next users to tell, by id. */
async function nextUsers(tx: Tx, row: BroadcastRow, limit: number): Promise<number[]> {
  if (row.user_ids !== "") {
    const left = (JSON.parse(row.user_ids) as number[]).filter((id) => id > row.told_to);
    return (await meantAmong(tx, left, row.at)).slice(0, limit);
  }
  const rows = await tx.all<Row & { id: number }>(
    `SELECT id FROM users WHERE id > ? AND ${MEANT} ORDER BY id LIMIT ?`,
    [row.told_to, row.at, limit],
  );
  return rows.map(({ id }) => id);
}

async function meantAmong(tx: Tx, userIds: readonly number[], at: number): Promise<number[]> {
  const rows = await tx.allIn<Row & { id: number; owner_id: number; created_at: number }>(
    "SELECT id, owner_id, created_at FROM users WHERE id IN {keys}",
    [...new Set(userIds)].map((id) => [id]),
  );
  return rows.filter((row) => row.owner_id === 0 && row.created_at <= at).map(({ id }) => id).sort((a, b) =>
    a - b
  );
}

function toBroadcast(row: BroadcastRow): Broadcast {
  const { id, admin_id: adminId, text, at, told, total, done_at: doneAt } = row;
  return { id, adminId, text, at, everyone: row.user_ids === "", told, total, doneAt };
}
