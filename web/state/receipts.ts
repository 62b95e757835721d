import { effect, signal, untracked } from "@preact/signals";
import type { Conversation, Entry } from "../../sdk/mod.ts";
import { chat } from "./chat.ts";
import { conversationOf, conversations } from "./conversations.ts";
import { me } from "./people.ts";
import { client, online } from "./server.ts";

/** How far the others are in the chat that is open, and that what came has come. */

export interface Receipt {
  readonly deliveredSeq: number;
  readonly readSeq: number;
}

/** Larger groups have none; as in docs/protocol.md. */
const MAX_MEMBERS = 100;
/** Once in so long for a conversation is enough, says the protocol. */
const TELL_MS = 1_000;
/** After a long absence not of everything at once. */
const MAX_AT_ONCE = 20;

/** Of the others in the chat that is open, by their ids. */
const others = signal<ReadonlyMap<string, Receipt>>(new Map());
let of: string | undefined;

export const hasReceipts = ({ type, memberCount }: Conversation): boolean =>
  type === "direct" || memberCount <= MAX_MEMBERS;

/** Those who have received a message, and of them those who have read it. */
export function receiptsOf(seq: number): { received: string[]; read: string[] } {
  const all = [...others.value];
  return {
    received: all.filter(([, { deliveredSeq }]) => deliveredSeq >= seq).map(([id]) => id),
    read: all.filter(([, { readSeq }]) => readSeq >= seq).map(([id]) => id),
  };
}

export type Tick = "sent" | "delivered" | "read";

/** How far a message of one's own has come: to all the others. */
export function tickOf(seq: number): Tick {
  const all = [...others.value.values()];
  if (all.length === 0) return "sent";
  if (all.every(({ readSeq }) => readSeq >= seq)) return "read";
  return all.every(({ deliveredSeq }) => deliveredSeq >= seq) ? "delivered" : "sent";
}

/** How many of the others there are receipts of. */
export const countOthers = () => others.value.size;

effect(() => {
  const [open, isOnline] = [chat.value, online.value];
  if (of !== open?.id) {
    of = open?.id;
    others.value = new Map();
  }
  if (open && isOnline) untracked(() => void load(open.id));
});

async function load(conversationId: string): Promise<void> {
  try {
    const { receipts } = await client.call("receipt.list", { conversationId });
    if (of !== conversationId) return;
    const known = receipts.filter(({ userId }) => userId !== me.peek()?.id);
    others.value = new Map(known.map(({ userId, ...receipt }) => [userId, receipt]));
  } catch {
    // A large group has none; else the next connection asks again.
  }
}

client.on("receipt.moved", ({ conversationId, userId, deliveredSeq, readSeq = 0 }) => {
  if (conversationId !== of || userId === me.peek()?.id) return;
  const before = others.peek().get(userId) ?? { deliveredSeq: 0, readSeq: 0 };
  const now = {
    deliveredSeq: Math.max(before.deliveredSeq, deliveredSeq, readSeq),
    readSeq: Math.max(before.readSeq, readSeq),
  };
  others.value = new Map(others.peek()).set(userId, now);
});
client.on("log.append", ({ conversationId, entries }) => {
  // Who is in a group is asked for anew when that changes.
  if (conversationId === of && entries.some(isMembership)) void load(conversationId);
});
const isMembership = ({ kind }: Entry) => kind.startsWith("member.");

/** The last seq that was told, by conversation. */
const told = new Map<string, number>();
/** Those whose telling failed: it is a courtesy, so they wait for the next connection, or for reading. */
const failed = new Set<string>();
let telling: ReturnType<typeof setTimeout> | undefined;

/** What came since by others, and is not told yet. Reading counts as having it. */
function untold(one: Conversation): boolean {
  const { id, lastMessage, readSeq } = one;
  if (!lastMessage || !hasReceipts(one)) return false;
  const isTheirs = lastMessage.senderId !== me.peek()?.id;
  return isTheirs && lastMessage.seq > Math.max(readSeq, told.get(id) ?? 0);
}

async function tell(): Promise<void> {
  telling = undefined;
  if (!online.peek()) return;
  const all = conversations.peek().filter(untold);
  for (const { id } of all.slice(0, MAX_AT_ONCE)) {
    const seq = conversationOf(id)?.lastMessage?.seq;
    if (seq === undefined) continue;
    told.set(id, seq);
    try {
      await client.call("receipt.delivered", { conversationId: id, seq });
    } catch {
      failed.add(id);
    }
  }
  if (all.length > MAX_AT_ONCE) plan();
}

function plan(): void {
  telling ??= setTimeout(tell, TELL_MS);
}

effect(() => {
  if (me.value !== null) return;
  told.clear();
  failed.clear();
});
effect(() => {
  if (online.value && conversations.value.some(untold)) plan();
});
client.on("sync", () => {
  for (const id of failed) told.delete(id);
  failed.clear();
  plan();
});
