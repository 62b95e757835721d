import type { Entry } from "../service.ts";
import type { Row, Tx } from "../sql/driver.ts";
import { noteMoved } from "./moved.ts";
import { touch } from "./touched.ts";

/** How entries and the counters of a log lie in tables. */

export interface EntryRow extends Row {
  seq: number;
  kind: string;
  sender_id: number;
  at: number;
  message_no: number;
  client_id: string;
  body: string;
}

/** A message with what became of it. */
export interface MessageRow extends EntryRow {
  state: string;
}

export const ENTRY_SELECT = "SELECT seq, kind, sender_id, at, message_no, client_id, body FROM entries";
export const MESSAGE_SELECT =
  "SELECT seq, kind, sender_id, at, message_no, client_id, body, state FROM entries";
/** In place of the content, for a member who deleted the message for themselves. */
export const HIDDEN_BODY = '{"type":"hidden"}';
export const ENTRY_COLUMNS = [
  "conversation_id",
  "seq",
  "kind",
  "sender_id",
  "at",
  "message_no",
  "client_id",
  "body",
];

export function toEntry(row: EntryRow): Entry {
  const { seq, kind, sender_id: senderId, at, message_no: messageNo, client_id: clientId, body } = row;
  return { seq, kind, senderId, at, messageNo, clientId, body };
}

export function toMessage(row: MessageRow): Entry {
  return row.state === "" ? toEntry(row) : { ...toEntry(row), state: row.state };
}

/** The counters of one log. */
export interface Head {
  lastSeq: number;
  lastMessageNo: number;
  lastMessageSeq: number;
  lastAt: number;
}

export interface HeadRow extends Row {
  conversation_id: number;
  last_seq: number;
  last_message_no: number;
  last_message_seq: number;
  last_at: number;
}

export const HEAD_COLUMNS = ["conversation_id", "last_seq", "last_message_no", "last_message_seq", "last_at"];

export function toHead(row: HeadRow): Head {
  return {
    lastSeq: row.last_seq,
    lastMessageNo: row.last_message_no,
    lastMessageSeq: row.last_message_seq,
    lastAt: row.last_at,
  };
}

/**
 * The heads of logs, locked until the transaction ends: who holds a log's head is the only one that appends to it.
 * A user's inbox has a head from their first day, so that it stands for the user, too: whoever changes what is
 * between people, or which conversations somebody is in, holds theirs. A transaction locks all the heads it will
 * need at once and first; locking again what one holds is only a read.
 */
export function lockHeads(tx: Tx, ids: readonly number[]): Promise<HeadRow[]> {
  return tx.lock<HeadRow>("heads", HEAD_COLUMNS, "conversation_id", ids);
}

export function writeHeads(tx: Tx, heads: Iterable<[number, Head]>): Promise<void> {
  const rows = [...heads].map(([id, h]) => [id, h.lastSeq, h.lastMessageNo, h.lastMessageSeq, h.lastAt]);
  return tx.upsert("heads", HEAD_COLUMNS, 1, "set", rows);
}

/**
 * Appends an entry that is not a message (somebody joined, say), inside the transaction that makes the
 * change it records. Time never runs backwards within a log.
 */
export async function appendEvent(
  tx: Tx,
  conversationId: number,
  event: {
    kind: string;
    actorId: number;
    content: Record<string, unknown>;
    directUserIds?: readonly number[];
  },
  now: number,
): Promise<Entry> {
  const [row] = await lockHeads(tx, [conversationId]);
  const head = toHead(row);
  const { lastAt } = head;
  head.lastSeq += 1;
  head.lastAt = Math.max(now, lastAt);
  const { kind, actorId: senderId } = event;
  const { lastSeq: seq, lastAt: at, lastMessageNo: messageNo } = head;
  const body = JSON.stringify(event.content);
  await tx.insert("entries", ENTRY_COLUMNS, [[conversationId, seq, kind, senderId, at, messageNo, "", body]]);
  await writeHeads(tx, [[conversationId, head]]);
  await noteMoved(tx, [{ logId: conversationId, now, lastAt }]);
  if (event.directUserIds) await touch(tx, conversationId, event.directUserIds, { at, lastAt });
  return { seq, kind, senderId, at, messageNo, clientId: "", body };
}
