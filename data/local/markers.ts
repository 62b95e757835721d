import { ImError } from "../../wire/errors.ts";
import type { Tracer } from "../../kit/tracer.ts";
import { type Conversations, ConversationType } from "../service.ts";
import type { Reads, Row, Storage, Tx } from "../sql/driver.ts";
import { unreadOf } from "./conversation_view.ts";
import { lockHeads } from "./entries.ts";
import { createGroupCommit } from "./group_commit.ts";
import { WRITING_COLUMNS, writingRefusal, type WritingRow } from "./may_write.ts";
import { type MemberRow, requireMember } from "./members.ts";
import type { Clock } from "./clock.ts";
import { refusalOf } from "./standing.ts";
import { touchAlways } from "./touched.ts";

type Markers = Pick<Conversations, "markRead" | "markDelivered" | "receipts" | "audience">;

/** Above so many members receipts and typing are switched off: each would be told to all, for every message. */
const SMALL_GROUP = 100;

/** How far members have received and read. Moves gather into transactions, because there are many. */
export function createMarkers(db: Storage, { now }: Clock, tracer?: Tracer): Markers {
  const gathered = <A>(commit: (batch: readonly Place[]) => Promise<(A | ImError)[]>) =>
    createGroupCommit({
      commit,
      maxBatch: 256,
      maxWaiting: 20_000,
      writers: db.writers,
      keyOf: (place: Place) => place.conversationId,
      tracer,
    });
  return {
    markRead: gathered((batch) => eachIn(db, batch, (tx, place) => markRead(tx, place, now()))),
    markDelivered: gathered((batch) => eachIn(db, batch, markDelivered)),

    async receipts({ conversationId, userId }) {
      const member = await requireMember(db, conversationId, userId);
      const { small } = await audienceOf(db, member);
      if (!small) {
        throw new ImError("too_large", `Receipts are kept in groups of up to ${SMALL_GROUP} members`);
      }
      const rows = await db.all<Row & { user_id: number; delivered_seq: number; read_seq: number }>(
        `SELECT m.user_id, COALESCE(r.read_seq, 0) AS read_seq, COALESCE(r.delivered_seq, 0) AS delivered_seq
         FROM members m LEFT JOIN marks r ON r.conversation_id = m.conversation_id AND r.user_id = m.user_id
         WHERE m.conversation_id = ? AND m.left_seq IS NULL ORDER BY m.user_id`,
        [conversationId],
      );
      return {
        receipts: rows.map((row) => ({
          userId: row.user_id,
          deliveredSeq: Math.max(row.delivered_seq, row.read_seq),
          readSeq: row.read_seq,
        })),
      };
    },

    async audience({ conversationId, userId, friendsOnly }) {
      const member = await requireMember(db, conversationId, userId);
      const conversation = await readConversation(db, member);
      const refusal = refusalOf(member.can_send, friendsOnly) ??
        writingRefusal(conversation, member, now());
      if (refusal) throw refusal;
      return toAudience(conversation);
    },
  };
}

/**
 * Runs a batch in one transaction: beside each other, so that their statements travel together, but what is of one
 * member in one conversation in order. A request's own failure, found before it writes, is its answer.
 */
function eachIn<A>(
  db: Storage,
  batch: readonly Place[],
  run: (tx: Tx, request: Place) => Promise<A>,
): Promise<(A | ImError)[]> {
  return db.transaction(async (tx) => {
    await lockHeads(tx, batch.map((request) => request.conversationId));
    const last = new Map<string, Promise<A>>();
    const answers = batch.map((request) => {
      const key = `${request.conversationId} ${request.userId}`;
      const turn = () => run(tx, request);
      const answer = last.get(key)?.then(turn, turn) ?? turn();
      last.set(key, answer);
      return answer;
    });
    // All have ended before the transaction does.
    return (await Promise.allSettled(answers)).map((outcome) => {
      if (outcome.status === "fulfilled") return outcome.value;
      if (outcome.reason instanceof ImError) return outcome.reason;
      throw outcome.reason;
    });
  });
}

interface Place {
  conversationId: number;
  userId: number;
  seq: number;
}

async function markRead(tx: Tx, { conversationId, userId, seq }: Place, now: number) {
  const member = await requireMember(tx, conversationId, userId);
  const audience = await audienceOf(tx, member);
  const state = await readState(tx, conversationId, userId);
  const readSeq = Math.min(seq, state.last_seq);
  if (readSeq <= state.read_seq) {
    return { readSeq: state.read_seq, unread: unreadOf(state), moved: false, audience };
  }
  const [entry] = await tx.all<Row & { message_no: number }>(
    "SELECT message_no FROM entries WHERE conversation_id = ? AND seq = ?",
    [conversationId, readSeq],
  );
  const [own] = await tx.all<Row & { count: number }>(
    `SELECT COUNT(*) AS count FROM entries
     WHERE conversation_id = ? AND seq > ? AND sender_id = ? AND kind = 'message'`,
    [conversationId, readSeq, userId],
  );
  const columns = ["conversation_id", "user_id", "read_seq", "read_no", "own_unread", "moved_at"];
  const row = [conversationId, userId, readSeq, entry.message_no, own.count, now];
  await tx.upsert("marks", columns, 2, "set", [row]);
  // For the member's other devices: the log may have rested since.
  await touchAlways(tx, [[userId, conversationId, now]]);
  const unread = unreadOf({ ...state, read_no: entry.message_no, own_unread: own.count });
  return { readSeq, unread, moved: true, audience };
}

async function markDelivered(tx: Tx, { conversationId, userId, seq }: Place) {
  const member = await requireMember(tx, conversationId, userId);
  const audience = await audienceOf(tx, member);
  const state = await readState(tx, conversationId, userId);
  const known = Math.max(state.delivered_seq, state.read_seq);
  const deliveredSeq = Math.min(seq, state.last_seq);
  if (deliveredSeq <= known) return { deliveredSeq: known, moved: false, audience };
  const row = [conversationId, userId, state.read_seq, state.read_no, state.own_unread, deliveredSeq];
  const columns = ["conversation_id", "user_id", "read_seq", "read_no", "own_unread", "delivered_seq"];
  await tx.upsert("marks", columns, 2, "set", [row]);
  return { deliveredSeq, moved: true, audience };
}

type State =
  & Row
  & Record<"last_seq" | "last_message_no" | "read_seq" | "read_no" | "own_unread" | "delivered_seq", number>;

async function readState(tx: Tx, conversationId: number, userId: number): Promise<State> {
  const [state] = await tx.all<State>(
    `SELECT h.last_seq, h.last_message_no, COALESCE(r.read_seq, 0) AS read_seq,
            COALESCE(r.read_no, 0) AS read_no, COALESCE(r.own_unread, 0) AS own_unread,
            COALESCE(r.delivered_seq, 0) AS delivered_seq
     FROM heads h LEFT JOIN marks r ON r.conversation_id = h.conversation_id AND r.user_id = ?
     WHERE h.conversation_id = ?`,
    [userId, conversationId],
  );
  return state;
}

interface ConversationRow extends WritingRow {
  low_user_id: number;
  high_user_id: number;
  member_count: number;
}

/** Who hears of what this member does, and whether they are few enough to be told of small things. */
async function audienceOf(
  db: Reads,
  member: MemberRow,
): Promise<{ directUserIds: number[]; small: boolean }> {
  return toAudience(await readConversation(db, member));
}

function toAudience(row: ConversationRow): { directUserIds: number[]; small: boolean } {
  if (row.type === ConversationType.CONVERSATION_DIRECT) {
    return { directUserIds: [row.low_user_id, row.high_user_id], small: true };
  }
  return { directUserIds: [], small: row.member_count <= SMALL_GROUP };
}

async function readConversation(db: Reads, member: MemberRow): Promise<ConversationRow> {
  const [row] = await db.all<ConversationRow>(
    `SELECT low_user_id, high_user_id, member_count, ${WRITING_COLUMNS} FROM conversations WHERE id = ?`,
    [member.conversation_id],
  );
  return row;
}
