import { conversationOf, put } from "./conversations.ts";
import { client } from "./server.ts";

/** What somebody began to write and did not send: it waits in the chat, on all their devices. */

const drafts = new Map<string, string>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();
/** What was last told to the server, or by it. */
const told = new Map<string, string>();
const telling = new Map<string, Promise<void>>();
/** Those whose telling failed. */
const failed = new Set<string>();
const TELL_MS = 1_200;
/** As in wire/operations/conversations.ts. */
const MAX_LENGTH = 16_000;

export function draftOf(conversationId: string): string {
  return drafts.get(conversationId) ?? conversationOf(conversationId)?.settings.draft ?? "";
}

/** It is kept here at once, and told to the server when one pauses; an empty one at once. */
export function keepDraft(conversationId: string, words: string): void {
  drafts.set(conversationId, words);
  clearTimeout(timers.get(conversationId));
  timers.delete(conversationId);
  if (words === "") void tell(conversationId);
  else timers.set(conversationId, setTimeout(() => void tell(conversationId), TELL_MS));
}

/** Whoever leaves a chat has paused. */
export function flushDraft(conversationId: string): void {
  if (!timers.has(conversationId)) return;
  clearTimeout(timers.get(conversationId));
  timers.delete(conversationId);
  void tell(conversationId);
}

export function forgetDrafts(): void {
  timers.forEach(clearTimeout);
  for (const all of [timers, drafts, told, telling, failed]) all.clear();
}

/** One call after the other for each conversation: what was written last must come last. */
function tell(conversationId: string): Promise<void> {
  timers.delete(conversationId);
  const next = (telling.get(conversationId) ?? Promise.resolve()).then(() => send(conversationId));
  telling.set(conversationId, next);
  return next;
}

async function send(conversationId: string): Promise<void> {
  const words = drafts.get(conversationId);
  // Forgotten meanwhile, with whoever wrote it: what the server has may be another account's.
  if (words === undefined) return;
  const draft = words.slice(0, MAX_LENGTH).toWellFormed();
  const before = told.get(conversationId) ?? conversationOf(conversationId)?.settings.draft ?? "";
  failed.delete(conversationId);
  if (draft === before) return;
  told.set(conversationId, draft);
  try {
    await client.call("conversation.configure", { conversationId, draft });
    // Not before: a list that comes after a lost connection would seem to take it back.
    show(conversationId, draft);
  } catch {
    // It is still here, and is told when there is a connection again.
    told.delete(conversationId);
    failed.add(conversationId);
  }
}

function show(conversationId: string, draft: string): void {
  const one = conversationOf(conversationId);
  if (one) put([{ ...one, settings: { ...one.settings, draft } }]);
}

client.on("draft.changed", ({ conversationId, draft }) => {
  told.set(conversationId, draft);
  if (!timers.has(conversationId)) drafts.set(conversationId, draft);
  show(conversationId, draft);
});
client.on("sync", () => {
  for (const conversationId of failed) void tell(conversationId);
});
