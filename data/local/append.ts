import { hash } from "node:crypto";
import { ImError } from "../../wire/errors.ts";
import { type AppendRequest, type AppendResponse, ConversationType } from "../service.ts";
import type { Row, Tx } from "../sql/driver.ts";
import { ENTRY_COLUMNS, type Head, lockHeads, toHead, writeHeads } from "./entries.ts";
import { readFileUses } from "./file_refs.ts";
import { type MemberRow, readMembers } from "./members.ts";
import { hasGone, WRITING_COLUMNS, writingRefusal, type WritingRow } from "./may_write.ts";
import { type Move, noteMoved } from "./moved.ts";
import { refusalOf } from "./standing.ts";
import { hourOf, touchAlways } from "./touched.ts";

/**
 * One transaction's worth of appends: checks members, finds repeats, allocates seqs, stores. Everything is
 * read and written as sets, so a batch of a hundred messages costs about as many statements as one.
 * A request's own failure is its answer and does not disturb the others.
 */
export async function appendBatch(
  tx: Tx,
  requests: readonly AppendRequest[],
  now: number,
): Promise<(AppendResponse | ImError)[]> {
  const [logs, members, sends] = await Promise.all([
    readLogs(tx, requests),
    readSenders(tx, requests),
    readSends(tx, requests),
  ]);
  const files = await readFileUses(tx, requests.map(({ senderId: userId, body }) => ({ userId, body })));
  const writes = new Writes();
  const answers = requests.map((request) => {
    const log = logs.get(request.conversationId);
    const member = members.get(pairKey(request.conversationId, request.senderId));
    if (!log || !member || member.left_seq !== null) return hasGone(log?.rules, member);
    const key = sendKey(request.conversationId, request.senderId, request.clientId);
    const fingerprint = fingerprintOf(request.body);
    const sent = sends.get(key);
    if (sent) {
      if (sent.fingerprint !== fingerprint) {
        return new ImError("client_id_conflict", undefined, { field: "clientId" });
      }
      return sent.answer ?? { again: sent.seq, log };
    }
    const refusal = refusalOf(member.can_send, request.friendsOnly) ??
      writingRefusal(log.rules, member, now) ??
      files.refuse({ userId: request.senderId, body: request.body });
    if (refusal) return refusal;
    const answer = writes.message(log, request, fingerprint, now);
    files.note(request.conversationId, answer.seq, answer.seq, request.body);
    sends.set(key, { seq: answer.seq, fingerprint, answer: { ...answer, duplicate: true } });
    return answer;
  });
  await files.flush(tx);
  await tx.atEnd(() => writes.flush(tx));
  return await Promise.all(
    answers.map((answer) => "again" in answer ? storedAnswer(tx, answer.log, answer.again) : answer),
  );
}

interface LogState {
  conversationId: number;
  head: Head;
  directUserIds: number[];
  rules: WritingRow;
}

/** What the batch stores, gathered and written at its end. */
class Writes {
  #entries: (string | number)[][] = [];
  #sends: (string | number)[][] = [];
  #heads = new Map<number, Head>();
  #marks = new Map<string, number[]>();
  #moves: Move[] = [];
  #touched: (readonly [userId: number, conversationId: number, at: number])[] = [];

  message(log: LogState, request: AppendRequest, fingerprint: string, now: number): AppendResponse {
    const { conversationId, head, directUserIds } = log;
    const { senderId, clientId, body } = request;
    const seq = ++head.lastSeq;
    const messageNo = ++head.lastMessageNo;
    const at = Math.max(now, head.lastAt);
    if (hourOf(at) !== hourOf(head.lastAt)) {
      for (const userId of directUserIds) this.#touched.push([userId, conversationId, at]);
    }
    if (!this.#heads.has(conversationId)) {
      this.#moves.push({ logId: conversationId, now, lastAt: head.lastAt });
    }
    head.lastAt = at;
    head.lastMessageSeq = seq;
    this.#entries.push([conversationId, seq, "message", senderId, at, messageNo, clientId, body]);
    this.#sends.push([conversationId, senderId, clientId, seq, fingerprint]);
    this.#heads.set(conversationId, head);
    const key = pairKey(conversationId, senderId);
    const mark = this.#marks.get(key);
    if (mark) mark[4] += 1;
    else this.#marks.set(key, [conversationId, senderId, 0, 0, 1]);
    return { seq, messageNo, at, duplicate: false, directUserIds };
  }

  async flush(tx: Tx): Promise<void> {
    if (this.#entries.length === 0) return;
    const columns = ["conversation_id", "user_id", "read_seq", "read_no", "own_unread"];
    await Promise.all([
      tx.insert("entries", ENTRY_COLUMNS, this.#entries),
      tx.insert("sends", ["conversation_id", "sender_id", "client_id", "seq", "fingerprint"], this.#sends),
      writeHeads(tx, this.#heads),
      tx.upsert("marks", columns, 2, "add", [...this.#marks.values()]),
      noteMoved(tx, this.#moves),
      touchAlways(tx, this.#touched),
    ]);
  }
}

async function readLogs(tx: Tx, requests: readonly AppendRequest[]): Promise<Map<number, LogState>> {
  const ids = [...new Set(requests.map((request) => request.conversationId))];
  // The first to be called, so that what is read after it is read under the locks.
  const [heads, rows] = await Promise.all([
    lockHeads(tx, ids),
    tx.allIn<WritingRow & { id: number; low_user_id: number; high_user_id: number }>(
      `SELECT id, low_user_id, high_user_id, ${WRITING_COLUMNS} FROM conversations WHERE id IN {keys}`,
      ids.map((id) => [id]),
    ),
  ]);
  const headOf = new Map(heads.map((head) => [head.conversation_id, head]));
  return new Map(
    rows.filter(({ id }) => headOf.has(id)).map((row) => [row.id, {
      conversationId: row.id,
      head: toHead(headOf.get(row.id)!),
      directUserIds: row.type === ConversationType.CONVERSATION_DIRECT
        ? [row.low_user_id, row.high_user_id]
        : [],
      rules: row,
    }]),
  );
}

async function readSenders(tx: Tx, requests: readonly AppendRequest[]): Promise<Map<string, MemberRow>> {
  const pairs = new Map<string, [number, number]>();
  for (const { conversationId, senderId } of requests) {
    pairs.set(pairKey(conversationId, senderId), [conversationId, senderId]);
  }
  const rows = await readMembers(tx, [...pairs.values()]);
  return new Map(rows.map((row) => [pairKey(row.conversation_id, row.user_id), row]));
}

interface Send {
  seq: number;
  fingerprint: string;
  /** Set when the first send is in this very batch. */
  answer?: AppendResponse;
}

async function readSends(tx: Tx, requests: readonly AppendRequest[]): Promise<Map<string, Send>> {
  const rows = await tx.allIn<
    Row & { conversation_id: number; sender_id: number; client_id: string; seq: number; fingerprint: string }
  >(
    `SELECT conversation_id, sender_id, client_id, seq, fingerprint FROM sends
     WHERE (conversation_id, sender_id, client_id) IN {keys}`,
    requests.map((request) => [request.conversationId, request.senderId, request.clientId]),
  );
  return new Map(rows.map((row) => [
    sendKey(row.conversation_id, row.sender_id, row.client_id),
    { seq: row.seq, fingerprint: row.fingerprint },
  ]));
}

async function storedAnswer(tx: Tx, log: LogState, seq: number): Promise<AppendResponse> {
  const [row] = await tx.all<Row & { message_no: number; at: number }>(
    "SELECT message_no, at FROM entries WHERE conversation_id = ? AND seq = ?",
    [log.conversationId, seq],
  );
  return { seq, messageNo: row.message_no, at: row.at, duplicate: true, directUserIds: log.directUserIds };
}

/** 128 bits of SHA-256: enough to tell two bodies under one client id apart. */
function fingerprintOf(body: string): string {
  return hash("sha256", body, "base64url").slice(0, 22);
}

const pairKey = (conversationId: number, userId: number) => `${conversationId}:${userId}`;
const sendKey = (conversationId: number, senderId: number, clientId: string) =>
  `${conversationId}:${senderId}:${clientId}`;
