import { signal } from "@preact/signals";
import { client } from "./server.ts";

/** How long a word about somebody's writing holds. As in wire/notifications.ts. */
const LIFE_MS = 6000;
/** How often one's own is told while it lasts. */
const TELL_MS = 5000;

/** Who is writing where. */
const typing = signal<ReadonlyMap<string, readonly string[]>>(new Map());
const timers = new Map<string, ReturnType<typeof setTimeout>>();
/** When it was last told that this person is writing, by conversation. */
const told = new Map<string, number>();

export function typistsIn(conversationId: string): readonly string[] {
  return typing.value.get(conversationId) ?? [];
}

/** This person's words in a chat have changed; with none left they have stopped. */
export function wrote(conversationId: string, words: string, now = Date.now()): void {
  if (words.trim() === "") return stopTyping(conversationId);
  if (now - (told.get(conversationId) ?? -Infinity) < TELL_MS) return;
  told.set(conversationId, now);
  tell(conversationId, true);
}

/** They sent it, or went elsewhere. */
export function stopTyping(conversationId: string): void {
  if (told.delete(conversationId)) tell(conversationId, false);
}

export function forgetTyping(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  told.clear();
  typing.value = new Map();
}

function tell(conversationId: string, on: boolean): void {
  // It is only a courtesy: nobody misses what gets lost.
  client.call("typing.set", { conversationId, on }).catch(() => {});
}

function set(conversationId: string, userId: string, on: boolean): void {
  const key = `${conversationId} ${userId}`;
  clearTimeout(timers.get(key));
  timers.delete(key);
  if (on) timers.set(key, setTimeout(() => set(conversationId, userId, false), LIFE_MS));
  const before = typing.peek().get(conversationId) ?? [];
  if (before.includes(userId) === on) return;
  const users = on ? [...before, userId] : before.filter((id) => id !== userId);
  typing.value = new Map([...typing.peek(), [conversationId, users]]);
}

client.on("typing.changed", ({ conversationId, userId, on }) => set(conversationId, userId, on));
client.on("log.append", ({ conversationId, entries }) => {
  // Whoever has said it writes it no more.
  for (const { kind, senderId } of entries) if (kind === "message") set(conversationId, senderId, false);
});
