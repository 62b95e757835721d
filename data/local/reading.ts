import { ImError } from "../../wire/errors.ts";
import { veiled } from "../../wire/veil.ts";
import type { Entry, Log } from "../service.ts";
import type { Reads, Row, Storage } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import {
  ENTRY_SELECT,
  type EntryRow,
  HIDDEN_BODY,
  lockHeads,
  MESSAGE_SELECT,
  type MessageRow,
  toEntry,
  toMessage,
} from "./entries.ts";
import { appendInboxes } from "./inbox.ts";
import { type MemberRow, requireReader } from "./members.ts";
import { formatState, parseState } from "./message_state.ts";
import type { ReadLog } from "./read_log.ts";

type Reading = Pick<Log, "read" | "history" | "get" | "edits" | "pins" | "hide">;

/** Reading a log, as far as a member may see. */
export function createReading(
  db: Storage,
  { now }: Pick<Clock, "now">,
  readLog: ReadLog = (_, read) => read(db),
): Reading {
  return {
    async read({ conversationId, userId, after, before, limit }) {
      const member = await requireReader(db, conversationId, userId);
      const whose = [conversationId, userId, conversationId, userId];
      const back = before !== undefined;
      const from = back ? placeBefore(member, before) : Math.max(after, member.first_seq - 1);
      const [range, order] = back ? [BACKWARDS, "DESC"] : [FORWARDS, "ASC"];
      const entries = await readLog([conversationId, userId], async (db) => {
        const { rows } = await gather(limit, (last, count) =>
          db.all<EntryRow>(
            `${ENTRY_SELECT} WHERE conversation_id = ? AND ${range}
             ORDER BY seq ${order} LIMIT ?`,
            [conversationId, last ?? from, ...(back ? [member.first_seq] : []), ...whose, count],
          ));
        if (back) rows.reverse();
        return await hideFrom(db, member, rows.map((row) => veiled(toEntry(row), member.first_seq)));
      });
      // Read last, so that it never says less than what was given.
      return { entries, lastSeq: await lastVisible(db, conversationId, userId) };
    },

    async history({ conversationId, userId, before, limit }) {
      const member = await requireReader(db, conversationId, userId);
      const whose = [conversationId, userId, conversationId, userId];
      const from = placeBefore(member, before || Number.MAX_SAFE_INTEGER);
      // The inbox, too: it says what the member has hidden.
      return await readLog([conversationId, userId], async (db) => {
        const { rows, more } = await gather(limit, (last, count) =>
          db.all<MessageRow>(
            `${MESSAGE_SELECT} WHERE conversation_id = ? AND ${BACKWARDS}
             AND kind = 'message' ORDER BY seq DESC LIMIT ?`,
            [conversationId, last ?? from, member.first_seq, ...whose, count],
          ));
        return { entries: await finish(db, member, rows), more };
      });
    },

    async get({ conversationId, userId, seqs }) {
      const member = await requireReader(db, conversationId, userId);
      return { entries: await messagesAt(db, member, seqs) };
    },

    async edits({ conversationId, userId, seq }) {
      const member = await requireReader(db, conversationId, userId);
      const [row] = await db.all<MessageRow>(`${MESSAGE_SELECT} WHERE conversation_id = ? AND seq = ?`, [
        conversationId,
        seq,
      ]);
      if (row?.kind !== "message" || !isVisible(member, seq)) throw new ImError("message_not_found");
      const edits = (parseState(row.state).edits ?? []).filter((edit) => isVisible(member, edit));
      const entries = await db.allIn<EntryRow>(
        `${ENTRY_SELECT} WHERE (conversation_id, seq) IN {keys}`,
        [seq, ...edits].map((one) => [conversationId, one]),
      );
      const inOrder = entries.map(toEntry).sort((a, b) => a.seq - b.seq);
      return { entries: await hideFrom(db, member, inOrder) };
    },

    async pins({ conversationId, userId }) {
      const member = await requireReader(db, conversationId, userId);
      // Pins are state of now, which somebody who has left does not see.
      if (member.left_seq !== null) return { entries: [] };
      const rows = await db.all<Row & { seq: number }>(
        "SELECT seq FROM pins WHERE conversation_id = ? ORDER BY at DESC",
        [conversationId],
      );
      const seqs = rows.map((row) => row.seq);
      const entries = await messagesAt(db, member, seqs);
      return { entries: entries.sort((a, b) => seqs.indexOf(a.seq) - seqs.indexOf(b.seq)) };
    },

    hide: ({ conversationId, userId, seqs }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId]);
        const member = await requireReader(tx, conversationId, userId);
        const visible = [...new Set(seqs)].filter((seq) => isVisible(member, seq));
        // What is no message, an event or a place beyond the end, has nothing to hide.
        const rows = await tx.allIn<Row & { seq: number; kind: string }>(
          "SELECT seq, kind FROM entries WHERE (conversation_id, seq) IN {keys}",
          visible.map((seq) => [conversationId, seq]),
        );
        const messages = rows.filter(({ kind }) => kind === "message").map(({ seq }) => seq);
        const there = await hiddenOf(tx, member, messages);
        const added = messages.filter((seq) => !there.has(seq));
        if (added.length === 0) return { inbox: undefined };
        const columns = ["conversation_id", "user_id", "seq"];
        await tx.insert("hidden", columns, added.map((seq) => [conversationId, userId, seq]));
        const content = { conversationId: String(conversationId), seqs: added.sort((a, b) => a - b) };
        const item = { userId, actorId: userId, kind: "message.hidden", content };
        const [inbox] = await appendInboxes(tx, [item], now());
        return { inbox };
      }),
  };
}

/** The messages of these seqs as a member may see them; what is none, or not for them, is left out. */
export async function messagesAt(db: Reads, member: MemberRow, seqs: readonly number[]): Promise<Entry[]> {
  const visible = [...new Set(seqs)].filter((seq) => isVisible(member, seq));
  const rows = await db.allIn<MessageRow>(
    `${MESSAGE_SELECT} WHERE (conversation_id, seq) IN {keys}`,
    visible.map((seq) => [member.conversation_id, seq]),
  );
  return await finish(db, member, rows.filter((row) => row.kind === "message"));
}

/** Where reading backwards begins: what came after somebody's leaving is not even looked at. */
function placeBefore(member: MemberRow, before: number): number {
  return member.left_seq === null ? before : Math.min(before, member.left_seq + 1);
}

/** A page holds at most so many characters of bodies, but one entry always: what is asked for must fit an outbox. */
const MAX_PAGE_CHARS = 1024 * 1024;
/** So many rows are read at a time, that a page of long messages is not read whole and then cut. */
const ROWS_AT_A_TIME = 100;

/** Reads rows until there are `limit`, or enough to carry, or no more. `next` gives the rows after a seq. */
async function gather<R extends EntryRow>(
  limit: number,
  next: (last: number | undefined, count: number) => Promise<R[]>,
): Promise<{ rows: R[]; more: boolean }> {
  const rows: R[] = [];
  let chars = 0;
  for (;;) {
    const count = Math.min(ROWS_AT_A_TIME, limit - rows.length + 1);
    const part = await next(rows.at(-1)?.seq, count);
    for (const row of part) {
      chars += row.body.length;
      const full = rows.length === limit || (rows.length > 0 && chars > MAX_PAGE_CHARS);
      if (full) return { rows, more: true };
      rows.push(row);
    }
    if (part.length < count) return { rows, more: false };
  }
}

/**
 * Nobody sees what came before their joining or after their leaving (P5). It stands in the statement that reads,
 * because a check made before it could be out of date by then: they may have left, and even come back. A plus keeps
 * a bound from being taken for the place in the index where the reading begins: that is always the place asked for.
 */
const FROM_JOINING = "+seq >= (SELECT first_seq FROM members WHERE conversation_id = ? AND user_id = ?)";
const TO_LEAVING = `seq <= COALESCE(
    (SELECT left_seq FROM members WHERE conversation_id = ? AND user_id = ?), ${Number.MAX_SAFE_INTEGER})`;
const FORWARDS = `seq > ? AND ${FROM_JOINING} AND ${TO_LEAVING}`;
const BACKWARDS = `seq < ? AND seq >= ? AND ${FROM_JOINING} AND +${TO_LEAVING}`;

export function isVisible(member: MemberRow, seq: number): boolean {
  return seq >= member.first_seq && seq <= (member.left_seq ?? Number.MAX_SAFE_INTEGER);
}

/** Messages as this member may see them now. */
async function finish(db: Reads, member: MemberRow, rows: readonly MessageRow[]): Promise<Entry[]> {
  const seen = await (member.left_seq === null ? withOwnReactions : asOfLeaving)(db, member, rows);
  return await hideFrom(db, member, seen.map(toMessage));
}

/** Adds which of the reactions are the member's own. */
async function withOwnReactions(
  db: Reads,
  member: MemberRow,
  rows: readonly MessageRow[],
): Promise<MessageRow[]> {
  const reacted = rows.filter((row) => row.state !== "" && parseState(row.state).reactions);
  const own = await db.allIn<Row & { seq: number; emoji: string }>(
    "SELECT seq, emoji FROM reactions WHERE (conversation_id, seq, user_id) IN {keys}",
    reacted.map((row) => [member.conversation_id, row.seq, member.user_id]),
  );
  if (own.length === 0) return [...rows];
  const emojiOf = Map.groupBy(own, (row) => row.seq);
  return rows.map((row) => {
    const mine = emojiOf.get(row.seq)?.map(({ emoji }) => emoji);
    return mine ? { ...row, state: formatState({ ...parseState(row.state), mine }) } : row;
  });
}

/** For who has left, a message is as it was then: later edits and reactions are none of their business. */
async function asOfLeaving(
  db: Reads,
  member: MemberRow,
  rows: readonly MessageRow[],
): Promise<MessageRow[]> {
  return await Promise.all(rows.map(async (row) => {
    const { edits = [], recalledAt, recalledBy } = parseState(row.state);
    if (recalledAt !== undefined) return { ...row, state: formatState({ recalledAt, recalledBy }) };
    const known = edits.filter((seq) => isVisible(member, seq));
    if (known.length === 0) return { ...row, state: "" };
    const [last] = await db.all<EntryRow>(`${ENTRY_SELECT} WHERE conversation_id = ? AND seq = ?`, [
      member.conversation_id,
      known[known.length - 1],
    ]);
    const { content } = JSON.parse(last.body);
    return { ...row, state: formatState({ content, editedAt: last.at, edits: known }) };
  }));
}

/** Takes the content of what this member has deleted for themselves, and of the edits of it. */
async function hideFrom(db: Reads, member: MemberRow, entries: Entry[]): Promise<Entry[]> {
  const messageOf = new Map<Entry, number>();
  for (const entry of entries) {
    if (entry.kind === "message") messageOf.set(entry, entry.seq);
    else if (entry.kind === "message.edited") messageOf.set(entry, JSON.parse(entry.body).target);
  }
  const hidden = await hiddenOf(db, member, [...messageOf.values()]);
  if (hidden.size === 0) return entries;
  return entries.map((entry) => {
    const seq = messageOf.get(entry);
    if (seq === undefined || !hidden.has(seq)) return entry;
    if (entry.seq === seq) return { ...entry, body: HIDDEN_BODY, state: undefined };
    return { ...entry, body: `{"target":${seq},"content":${HIDDEN_BODY}}` };
  });
}

/** Which of these messages the member has hidden. */
async function hiddenOf(db: Reads, member: MemberRow, seqs: readonly number[]): Promise<Set<number>> {
  if (seqs.length === 0) return new Set();
  const { conversation_id: conversationId, user_id: userId } = member;
  // Most members have hidden nothing here; for them one look is enough.
  const any = await db.all(
    "SELECT seq FROM hidden WHERE conversation_id = ? AND user_id = ? AND seq BETWEEN ? AND ? LIMIT 1",
    [conversationId, userId, Math.min(...seqs), Math.max(...seqs)],
  );
  if (any.length === 0) return new Set();
  const rows = await db.allIn<Row & { seq: number }>(
    "SELECT seq FROM hidden WHERE (conversation_id, user_id, seq) IN {keys}",
    seqs.map((seq) => [conversationId, userId, seq]),
  );
  return new Set(rows.map((row) => row.seq));
}

/** How far the log goes for this member: to its end, or to where they left. */
async function lastVisible(db: Storage, conversationId: number, userId: number): Promise<number> {
  const [row] = await db.all<Row & { last_seq: number }>(
    `SELECT COALESCE(m.left_seq, h.last_seq) AS last_seq
     FROM members m JOIN heads h ON h.conversation_id = m.conversation_id
     WHERE m.conversation_id = ? AND m.user_id = ?`,
    [conversationId, userId],
  );
  return row.last_seq;
}
