import { computed, signal } from "@preact/signals";
import { type Conversation, type Entry, ImError } from "../../sdk/mod.ts";
import { me, meet } from "./people.ts";
import { chatId } from "./route.ts";
import { type ReadMarker, ReadMarkers } from "./read_markers.ts";
import { client } from "./server.ts";

/** The conversations this page knows: the newest ones, and older ones as far as somebody scrolled. */
const known = signal<ReadonlyMap<string, Conversation>>(new Map());

/** The list as it is shown: what is pinned on top, newest first, without direct ones in which nobody has said a word. */
export const conversations = computed(() =>
  [...known.value.values()]
    .filter((one) => one.type === "group" || one.lastMessage !== null || one.id === chatId.value)
    .sort((a, b) => rank(b) - rank(a) || b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1))
);
/** Those that one has put away. */
export const archived = computed(() => conversations.value.filter(({ settings }) => settings.archived));
/** The others; and of the archived that which is open, and what is new where one wants to be disturbed. */
export const listed = computed(() =>
  conversations.value.filter(({ id, unread, settings }) =>
    !settings.archived || id === chatId.value || (unread > 0 && !settings.muted)
  )
);
const rank = ({ settings }: Conversation) => settings.pinnedAt ?? 0;

/** Without those that one does not want to be disturbed by. */
export const unreadTotal = computed(() =>
  [...known.value.values()].reduce((sum, one) => sum + (one.settings.muted ? 0 : one.unread), 0)
);

/** What of it is kept in this browser: the newest; nothing while it is being read. */
export const keptConversations = computed(() =>
  listState.value === "ready" && !stale.value
    ? [...known.value.values()].sort((a, b) => b.updatedAt - a.updatedAt).slice(0, MAX_KEPT)
    : undefined
);

export const listState = signal<"loading" | "ready" | ImError>("loading");
const markers = new ReadMarkers();
/** The conversation whose newest message somebody is looking at: there nothing is unread. */
export const watched = signal<string | null>(null);
/** Whether the server has more, and where they begin. */
export const moreCursor = signal<string | null>(null);

/** The list is the one that this browser kept, and the server has not been asked yet. */
const stale = signal(false);

const PAGE = 100;
const MAX_KEPT = 200;
/** Conversations being asked for; asking twice at once brings nothing new. */
const asking = new Map<string, Promise<void>>();
let epoch = 0;

export function conversationOf(id: string): Conversation | undefined {
  return known.value.get(id);
}

/** Reads the list again from the top, as far down as something has changed: whenever pushes were missed. */
export async function syncConversations(): Promise<void> {
  const mine = epoch;
  const before: ReadonlyMap<string, Conversation> = stale.peek() ? new Map() : known.peek();
  let cursor: string | null | undefined;
  try {
    do {
      const page = await readPage(cursor ?? undefined);
      if (mine !== epoch) return;
      const changed = page.conversations.some((one) => before.get(one.id)?.lastSeq !== one.lastSeq);
      if (stale.peek()) replaceKept(page.conversations);
      else replaceSince(page.conversations, cursor === undefined);
      cursor = before.size > 0 && changed ? page.nextCursor : null;
      if (before.size === 0) moreCursor.value = page.nextCursor;
    } while (cursor);
    listState.value = "ready";
  } catch (error) {
    if (mine === epoch && known.peek().size === 0) listState.value = asImError(error);
  }
}

export async function loadMore(): Promise<void> {
  const mine = epoch;
  const page = await readPage(moreCursor.peek() ?? undefined);
  if (mine !== epoch) return;
  put(page.conversations);
  moreCursor.value = page.nextCursor;
}

/** Asks for one conversation anew. Resolves to nothing when there is none, or the caller is not in it. */
export async function refresh(id: string): Promise<void> {
  const running = asking.get(id) ?? ask(id).finally(() => asking.delete(id));
  asking.set(id, running);
  await running;
}

/** Takes what was appended to a log into the list. */
export function applyEntries(id: string, entries: readonly Entry[]): void {
  const one = known.peek().get(id);
  if (!one) return void refresh(id);
  const fresh = entries.filter((entry) => entry.seq > one.lastSeq);
  if (fresh.length === 0) return;
  // After a hole, when people come and go, or when the message that is shown changes, the server knows better.
  const plain = fresh[0].seq === one.lastSeq + 1 &&
    fresh.every((entry) => entry.kind === "message" || isElsewhere(entry, one.lastMessage));
  if (!plain) void refresh(id);
  const last = fresh[fresh.length - 1];
  const messages = fresh.filter((entry) => entry.kind === "message");
  const byOthers = messages.filter((entry) => entry.senderId !== me.peek()?.id);
  const unread = watched.peek() === id ? one.unread : one.unread + byOthers.length;
  put([{
    ...one,
    lastSeq: last.seq,
    lastMessageNo: last.messageNo,
    lastMessage: messages.at(-1) ?? one.lastMessage,
    unread,
    updatedAt: last.at,
  }]);
}

export function applyRead(marker: ReadMarker): void {
  const { conversationId: id, readSeq, unread } = marker;
  const one = known.peek().get(id);
  if (markers.note(marker) && one && readSeq >= one.readSeq) put([{ ...one, readSeq, unread }]);
}

export function put(conversations: readonly Conversation[]): void {
  meet(conversations.flatMap((one) => one.peer ?? []));
  known.value = new Map([
    ...known.peek(),
    ...conversations.map((one) => [one.id, markers.apply(one)] as const),
  ]);
}

/** The list as this browser kept it, unless a newer one is there. */
export function putKept(conversations: readonly Conversation[]): void {
  if (listState.peek() === "ready" || known.peek().size > 0) return;
  stale.value = true;
  put(conversations);
  listState.value = "ready";
}

export function forgetConversations(): void {
  epoch++;
  markers.clear();
  stale.value = false;
  known.value = new Map();
  listState.value = "loading";
  moreCursor.value = null;
}

client.on("log.append", ({ conversationId, entries }) => applyEntries(conversationId, entries));
client.on("conversation.read", applyRead);
client.on("inbox", ({ kind, content: { conversationId } }) => {
  if (kind === "conversation.left") remove((one) => one.id === conversationId);
  else if (conversationId !== undefined) void refresh(String(conversationId));
});

/** A change of a message that the list does not show. */
function isElsewhere({ content: { target } }: Entry, shown: Conversation["lastMessage"]): boolean {
  return typeof target === "number" && target !== shown?.seq;
}

async function ask(id: string): Promise<void> {
  try {
    const answer = await client.call("conversation.get", { conversationId: id });
    const isOld = answer.lastSeq < (known.peek().get(id)?.lastSeq ?? 0);
    // Something came while it was on the way; once more, and then it will do.
    put([isOld ? await client.call("conversation.get", { conversationId: id }) : answer]);
  } catch (error) {
    if (asImError(error).code === "conversation_not_found") remove((one) => one.id === id);
  }
}

function readPage(cursor: string | undefined) {
  return client.call("conversation.list", { limit: PAGE, ...(cursor && { cursor }) });
}

/** Puts a page in, and drops what should have been in it: conversations left while this page was away. */
function replaceSince(page: readonly Conversation[], isFirst: boolean): void {
  const oldest = page.at(-1)?.updatedAt ?? 0;
  const newest = isFirst ? Infinity : page[0]?.updatedAt ?? 0;
  const there = new Set(page.map(({ id }) => id));
  remove((one) => one.updatedAt > oldest && one.updatedAt < newest && !there.has(one.id));
  put(page);
}

/** What was kept says nothing any more; what is looked at and older than the page is asked for. */
function replaceKept(page: readonly Conversation[]): void {
  const looked = chatId.peek();
  const isThere = page.some(({ id }) => id === looked);
  stale.value = false;
  remove(({ id }) => id !== looked);
  put(page);
  if (looked !== null && !isThere) void refresh(looked);
}

function remove(gone: (one: Conversation) => boolean): void {
  known.value = new Map([...known.peek()].filter(([, one]) => !gone(one)));
}

function asImError(error: unknown): ImError {
  return error instanceof ImError ? error : new ImError("internal");
}
