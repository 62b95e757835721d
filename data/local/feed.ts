import { ConversationType, type Log, LogKind, type MovedLog } from "../service.ts";
import type { Row, Storage } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { ENTRY_SELECT, type EntryRow, toEntry } from "./entries.ts";
import { slotOf } from "./moved.ts";

/** A sweep looks back this far behind its last look: clocks differ, and a commit comes after the time it bears. */
const MARGIN_MS = 30_000;
/** No sweep asks for what is older; one that was away for longer begins anew. */
const KEPT_MS = 600_000;
const TIDY_EVERY_MS = 60_000;

interface MovedRow extends Row {
  log_id: number;
  last_seq: number;
  type: number | null;
  low_user_id: number | null;
  high_user_id: number | null;
}

/** What gateways sweep by. */
export function createFeed(db: Storage, { now }: Clock): Pick<Log, "moved" | "tail" | "epoch"> {
  let tidiedAt = 0;

  async function tidy(at: number): Promise<void> {
    if (at - tidiedAt < TIDY_EVERY_MS) return;
    tidiedAt = at;
    await db.transaction((tx) => tx.run("DELETE FROM moved WHERE slot < ?", [slotOf(at - KEPT_MS)]));
  }

  return {
    async moved({ since, afterId, limit }) {
      const at = now();
      const epoch = await readEpoch(db);
      if (since === 0) return { logs: [], more: false, nextSince: at, epoch };
      await tidy(at);
      const rows = await db.all<MovedRow>(
        `SELECT m.log_id, h.last_seq, c.type, c.low_user_id, c.high_user_id
         FROM (SELECT DISTINCT log_id FROM moved WHERE slot >= ? AND log_id > ? ORDER BY log_id LIMIT ?) m
         JOIN heads h ON h.conversation_id = m.log_id LEFT JOIN conversations c ON c.id = m.log_id
         ORDER BY m.log_id`,
        [slotOf(since - MARGIN_MS), afterId, limit],
      );
      return { logs: rows.map(toMoved), more: rows.length === limit, nextSince: at, epoch };
    },

    async tail({ logId, after, limit }) {
      const rows = await db.all<EntryRow>(
        `${ENTRY_SELECT} WHERE conversation_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
        [logId, after, limit],
      );
      return { entries: rows.map(toEntry) };
    },

    async epoch({ raise }) {
      if (raise) await db.transaction((tx) => tx.run("UPDATE store SET epoch = epoch + 1"));
      return { epoch: await readEpoch(db) };
    },
  };
}

async function readEpoch(db: Storage): Promise<number> {
  const [{ epoch }] = await db.all<Row & { epoch: number }>("SELECT epoch FROM store");
  return epoch;
}

function toMoved(row: MovedRow): MovedLog {
  const direct = row.type === ConversationType.CONVERSATION_DIRECT;
  const kind = row.type === null ? LogKind.LOG_INBOX : direct ? LogKind.LOG_DIRECT : LogKind.LOG_GROUP;
  const directUserIds = direct ? [row.low_user_id!, row.high_user_id!] : [];
  return { logId: row.log_id, kind, lastSeq: row.last_seq, directUserIds };
}
