import { ImError } from "../../wire/errors.ts";
import {
  type ChangeMessageRequest,
  type ChangeMessageResponse,
  ConversationType,
  MemberRole,
} from "../service.ts";
import type { Row, Tx } from "../sql/driver.ts";
import { appendEvent, lockHeads, MESSAGE_SELECT, type MessageRow } from "./entries.ts";
import { readFileUses, releaseFiles } from "./file_refs.ts";
import { hasGone, WRITING_COLUMNS, writingRefusal, type WritingRow } from "./may_write.ts";
import { type MemberRow, requireReader } from "./members.ts";
import { formatState, type MessageState, parseState, RECALLED_BODY } from "./message_state.ts";
import { refusalOf } from "./standing.ts";

const MAX_EDITS = 100;
const MAX_EMOJI = 20;
const MAX_PINS = 100;

/** A message under change: everything a rule may want to look at. */
interface Target {
  tx: Tx;
  request: ChangeMessageRequest;
  message: MessageRow;
  state: MessageState;
  member: MemberRow;
  isDirect: boolean;
  /** The clock's time, for the window of a recall. */
  now: number;
  /** The time of the entry to come: a log's time never runs backwards, whatever the clock does. */
  at: number;
}

/** The entry that records a change; null when there is nothing to record. */
type Event = { kind: string; content: Record<string, unknown> } | null;

/** Changes a message in the transaction that also appends the entry saying so. */
export async function changeMessage(
  tx: Tx,
  request: ChangeMessageRequest,
  now: number,
): Promise<ChangeMessageResponse> {
  const { conversationId, actorId, seq } = request;
  await lockHeads(tx, [conversationId]);
  const member = await requireReader(tx, conversationId, actorId);
  const conversation = await readConversation(tx, conversationId);
  if (member.left_seq !== null) throw hasGone(conversation, member);
  const [message] = await tx.all<MessageRow>(`${MESSAGE_SELECT} WHERE conversation_id = ? AND seq = ?`, [
    conversationId,
    seq,
  ]);
  if (message?.kind !== "message" || seq < member.first_seq) throw new ImError("message_not_found");
  // Whoever may not write may still take back what they wrote.
  const isRecall = request.change?.$case === "recall";
  const refusal = refusalOf(member.can_send, request.friendsOnly && !isRecall) ??
    (isRecall ? null : writingRefusal(conversation, member, now));
  if (refusal) throw refusal;
  const isDirect = conversation.type === ConversationType.CONVERSATION_DIRECT;
  const state = parseState(message.state);
  const at = Math.max(now, conversation.last_at);
  const event = await apply({ tx, request, message, state, member, isDirect, now, at });
  const directUserIds = isDirect ? [conversation.low_user_id, conversation.high_user_id] : [];
  if (!event) return { entry: undefined, directUserIds };
  const body = request.change?.$case === "edit" ? request.change.edit.body : "";
  const files = await readFileUses(tx, [{ userId: actorId, body }]);
  const refused = files.refuse({ userId: actorId, body });
  if (refused) throw refused;
  const entry = await appendEvent(tx, conversationId, { ...event, actorId, directUserIds }, at);
  if (event.kind === "message.edited") (state.edits ??= []).push(entry.seq);
  state.changedSeq = entry.seq;
  files.note(conversationId, seq, entry.seq, body);
  await files.flush(tx);
  await tx.run("UPDATE entries SET state = ? WHERE conversation_id = ? AND seq = ?", [
    formatState(state),
    conversationId,
    seq,
  ]);
  return { entry, directUserIds };
}

async function readConversation(tx: Tx, id: number) {
  const [row] = await tx.all<
    WritingRow & { low_user_id: number; high_user_id: number; last_at: number }
  >(
    `SELECT ${WRITING_COLUMNS}, c.low_user_id, c.high_user_id, h.last_at
     FROM conversations c JOIN heads h ON h.conversation_id = c.id WHERE c.id = ?`,
    [id],
  );
  return row;
}

async function apply(target: Target): Promise<Event> {
  const { change } = target.request;
  switch (change?.$case) {
    case "edit":
      return edit(target, change.edit.body);
    case "recall":
      return await recall(target, change.recall.windowMs);
    case "react":
      return await react(target, change.react.emoji, change.react.on);
    case "pin":
      return await pin(target, change.pin.on);
    default:
      throw new ImError("invalid_request", "No change is given");
  }
}

function edit({ request, message, state, at }: Target, body: string): Event {
  if (message.sender_id !== request.actorId) {
    throw new ImError("forbidden", "Only its sender edits a message");
  }
  requireThere(state);
  const content: unknown = JSON.parse(body);
  const current = state.content ?? JSON.parse(message.body);
  // However either of them was written.
  if (JSON.stringify(content) === JSON.stringify(current)) return null;
  if ((state.edits?.length ?? 0) >= MAX_EDITS) {
    throw new ImError("too_many", "A message is edited at most 100 times");
  }
  state.content = content;
  state.editedAt = at;
  return { kind: "message.edited", content: { target: request.seq, content } };
}

async function recall(
  { tx, request, message, state, member, now, at }: Target,
  windowMs: number,
): Promise<Event> {
  if (state.recalledAt !== undefined) return null;
  const isOwn = message.sender_id === request.actorId;
  if (!isOwn && member.role === MemberRole.MEMBER_ROLE_MEMBER) throw new ImError("forbidden");
  if (isOwn && member.role === MemberRole.MEMBER_ROLE_MEMBER && now - message.at > windowMs) {
    throw new ImError("window_closed", "The time for recalling this message is over");
  }
  const { conversationId, seq } = request;
  // Nothing of what was said stays, neither in the message nor in its edits.
  for (const editSeq of state.edits ?? []) {
    await tx.run("UPDATE entries SET body = ? WHERE conversation_id = ? AND seq = ?", [
      JSON.stringify({ target: seq, content: JSON.parse(RECALLED_BODY) }),
      conversationId,
      editSeq,
    ]);
  }
  await tx.run("UPDATE entries SET body = ? WHERE conversation_id = ? AND seq = ?", [
    RECALLED_BODY,
    conversationId,
    seq,
  ]);
  await releaseFiles(tx, conversationId, [seq], now);
  await tx.run("DELETE FROM reactions WHERE conversation_id = ? AND seq = ?", [conversationId, seq]);
  await tx.run("DELETE FROM pins WHERE conversation_id = ? AND seq = ?", [conversationId, seq]);
  for (const key of Object.keys(state) as (keyof MessageState)[]) delete state[key];
  state.recalledAt = at;
  state.recalledBy = String(request.actorId);
  return { kind: "message.recalled", content: { target: seq } };
}

async function react({ tx, request, state }: Target, emoji: string, on: boolean): Promise<Event> {
  requireThere(state);
  const key = [request.conversationId, request.seq, request.actorId, emoji];
  const columns = ["conversation_id", "seq", "user_id", "emoji"];
  const there = await tx.allIn(`SELECT seq FROM reactions WHERE (${columns}) IN {keys}`, [key]);
  if (on === there.length > 0) return null;
  const counts = state.reactions ??= {};
  if (on) {
    const isNew = !Object.hasOwn(counts, emoji);
    if (isNew && Object.keys(counts).length >= MAX_EMOJI) {
      throw new ImError("too_many", "A message has at most 20 different reactions");
    }
    await tx.insert("reactions", columns, [key]);
    counts[emoji] = isNew ? 1 : counts[emoji] + 1;
  } else {
    await tx.run(
      "DELETE FROM reactions WHERE conversation_id = ? AND seq = ? AND user_id = ? AND emoji = ?",
      key,
    );
    counts[emoji] -= 1;
    if (counts[emoji] === 0) delete counts[emoji];
    if (Object.keys(counts).length === 0) delete state.reactions;
  }
  return { kind: on ? "reaction.added" : "reaction.removed", content: { target: request.seq, emoji } };
}

async function pin({ tx, request, state, member, isDirect, at }: Target, on: boolean): Promise<Event> {
  requireThere(state);
  const { conversationId, seq } = request;
  if (!isDirect && member.role === MemberRole.MEMBER_ROLE_MEMBER) {
    throw new ImError("forbidden", "In a group its owner and admins pin messages");
  }
  if (on === (state.pinnedAt !== undefined)) return null;
  if (on) {
    const [{ count, last }] = await tx.all<Row & { count: number; last: number }>(
      "SELECT COUNT(*) AS count, COALESCE(MAX(at), 0) AS last FROM pins WHERE conversation_id = ?",
      [conversationId],
    );
    if (count >= MAX_PINS) throw new ImError("too_many", "A conversation has at most 100 pinned messages");
    // Pins are listed by this; two of one millisecond have an order, too.
    const order = Math.max(at, last + 1);
    await tx.insert("pins", ["conversation_id", "seq", "at"], [[conversationId, seq, order]]);
    state.pinnedAt = at;
  } else {
    await tx.run("DELETE FROM pins WHERE conversation_id = ? AND seq = ?", [conversationId, seq]);
    delete state.pinnedAt;
  }
  return { kind: on ? "message.pinned" : "message.unpinned", content: { target: seq } };
}

function requireThere(state: MessageState): void {
  if (state.recalledAt !== undefined) throw new ImError("message_recalled");
}
