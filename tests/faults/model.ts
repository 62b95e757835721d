import type { Row, Storage } from "../../data/sql/driver.ts";

/**
 * What everyone should see, worked out from nothing but the stored logs, in the simplest way there is. It looks
 * at no seq counter, no member row and no message state: those are what it is compared with.
 */
export interface LogEntry {
  seq: number;
  kind: string;
  senderId: string;
  at: number;
  messageNo: number;
  clientId: string;
  content: Record<string, unknown>;
}

/** From the entry that let somebody in to the one that let them out; null while they are in. */
export interface Stay {
  from: number;
  to: number | null;
}

export interface Talk {
  id: string;
  direct: boolean;
  log: LogEntry[];
  /** Each person's stays, in order. */
  stays: Map<string, Stay[]>;
}

/** A message as somebody sees it. Two are the same if their JSON is. */
export interface Seen {
  seq: number;
  senderId: string;
  text: string;
  edits: number;
  editedAt: number | null;
  recalledBy: string | null;
  pinnedAt: number | null;
  reactions: string[];
}

interface EntryRow extends Row {
  conversation_id: number;
  seq: number;
  kind: string;
  sender_id: number;
  at: number;
  message_no: number;
  client_id: string;
  body: string;
}

/** All conversations as the database has them. */
export async function readTalks(storage: Storage): Promise<Talk[]> {
  const rows = await storage.all<Row & { id: number; low_user_id: number; high_user_id: number }>(
    "SELECT id, low_user_id, high_user_id FROM conversations ORDER BY id",
  );
  const entries = await storage.all<EntryRow>(
    "SELECT conversation_id, seq, kind, sender_id, at, message_no, client_id, body FROM entries ORDER BY seq",
  );
  const logs = Map.groupBy(entries, (row) => row.conversation_id);
  return rows.map(({ id, low_user_id: low, high_user_id: high }) => {
    const log = (logs.get(id) ?? []).map(toLogEntry);
    const direct = low !== 0;
    const always: [string, Stay[]][] = [low, high].map((user) => [String(user), [{ from: 1, to: null }]]);
    return { id: String(id), direct, log, stays: direct ? new Map(always) : staysOf(log) };
  });
}

function toLogEntry(row: EntryRow): LogEntry {
  const { seq, kind, at, message_no: messageNo, client_id: clientId } = row;
  return {
    seq,
    kind,
    senderId: String(row.sender_id),
    at,
    messageNo,
    clientId,
    content: JSON.parse(row.body),
  };
}

function staysOf(log: readonly LogEntry[]): Map<string, Stay[]> {
  const stays = new Map<string, Stay[]>();
  /** Who is banned may not have been in. */
  const end = (id: string, seq: number) => {
    const stay = stays.get(id)?.at(-1);
    if (stay?.to === null) stay.to = seq;
  };
  for (const { seq, kind, content } of log) {
    if (kind === "group.created" || kind === "member.added") {
      for (const id of content.memberIds as string[]) {
        stays.set(id, [...stays.get(id) ?? [], { from: seq, to: null }]);
      }
    } else if (kind === "member.left" || kind === "member.removed" || kind === "member.banned") {
      end(String(content.memberId), seq);
    } else if (kind === "group.dissolved") {
      for (const id of stays.keys()) end(id, seq);
    }
  }
  return stays;
}

/** The stay that somebody is in now. */
export function currentStay({ stays }: Talk, userId: string): Stay | undefined {
  return stays.get(userId)?.find(({ to }) => to === null);
}

export function wasThere({ stays }: Talk, userId: string, seq: number): boolean {
  return stays.get(userId)?.some(({ from, to }) => seq >= from && seq <= (to ?? seq)) ?? false;
}

/** The messages as somebody in the conversation should see them; `hidden`: the seqs they deleted for themselves. */
export function fold({ log }: Talk, userId: string, from: number, hidden: ReadonlySet<number>): Seen[] {
  const messages = new Map<number, Seen & { reactors: Map<string, Set<string>> }>();
  for (const { seq, kind, senderId, at, content } of log) {
    if (seq < from) continue;
    if (kind === "message") {
      const fresh = { edits: 0, editedAt: null, recalledBy: null, pinnedAt: null, reactions: [] };
      messages.set(seq, { seq, senderId, text: textOf(content), ...fresh, reactors: new Map() });
    }
    const message = messages.get(content.target as number);
    if (!message) continue;
    const emoji = String(content.emoji);
    if (kind === "message.edited") {
      message.text = textOf(content.content as Record<string, unknown>);
      message.edits += 1;
      message.editedAt = at;
    } else if (kind === "message.recalled") {
      Object.assign(message, { text: "(recalled)", recalledBy: senderId, reactors: new Map() });
      Object.assign(message, { edits: 0, editedAt: null, pinnedAt: null });
    } else if (kind === "message.pinned") message.pinnedAt = at;
    else if (kind === "message.unpinned") message.pinnedAt = null;
    else if (kind === "reaction.added") {
      message.reactors.set(emoji, (message.reactors.get(emoji) ?? new Set()).add(senderId));
    } else if (kind === "reaction.removed") message.reactors.get(emoji)?.delete(senderId);
  }
  return [...messages.values()].map(({ reactors, ...message }) => {
    if (hidden.has(message.seq)) return hide(message);
    const reactions = [...reactors].filter(([, who]) => who.size > 0)
      .map(([emoji, who]) => reactionText(emoji, who.size, who.has(userId)));
    return { ...message, reactions: reactions.sort() };
  });
}

function hide({ seq, senderId }: Seen): Seen {
  const nothing = { edits: 0, editedAt: null, recalledBy: null, pinnedAt: null, reactions: [] };
  return { seq, senderId, text: "(hidden)", ...nothing };
}

export const reactionText = (emoji: string, count: number, mine: boolean) =>
  `${emoji}×${count}${mine ? " mine" : ""}`;

/** The text of a message's content, and in brackets what else it is. */
export function textOf(content: Readonly<Record<string, unknown>>): string {
  return content.type === "text" ? String(content.text) : `(${content.type})`;
}

/** Messages of others after a place. */
export function unreadAfter({ log }: Talk, userId: string, readSeq: number): number {
  return log.filter(({ seq, kind, senderId }) => kind === "message" && seq > readSeq && senderId !== userId)
    .length;
}

/** What each user has deleted for themselves: by `conversation user`, the seqs. */
export async function readHidden(storage: Storage): Promise<Map<string, Set<number>>> {
  const rows = await storage.all<Row & { conversation_id: number; user_id: number; seq: number }>(
    "SELECT conversation_id, user_id, seq FROM hidden",
  );
  const groups = Map.groupBy(rows, (row) => `${row.conversation_id} ${row.user_id}`);
  return new Map([...groups].map(([key, rows]) => [key, new Set(rows.map((row) => row.seq))]));
}
