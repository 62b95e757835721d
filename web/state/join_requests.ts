import { signal } from "@preact/signals";
import { conversationOf } from "./conversations.ts";
import { client } from "./server.ts";
import { text } from "./settings.ts";
import { toast } from "./toasts.ts";

/** How many ask to be let into a group, as far as somebody looked: for whoever may let them in. */

const counts = signal<ReadonlyMap<string, number>>(new Map());
/** More are not counted; the badge says 99+. */
const MOST = 100;

export function joinRequests(conversationId: string): number {
  return counts.value.get(conversationId) ?? 0;
}

export async function countJoinRequests(conversationId: string): Promise<void> {
  try {
    const { requests } = await client.call("group.requests", { conversationId, limit: MOST });
    counts.value = new Map(counts.peek()).set(conversationId, requests.length);
  } catch {
    // Whoever may not see them has none to answer.
    counts.value = new Map([...counts.peek()].filter(([id]) => id !== conversationId));
  }
}

client.on("inbox", ({ kind, content }) => {
  if (kind === "group.requested") void countJoinRequests(String(content.conversationId));
  if (kind !== "group.answered") return;
  toast(content.approved ? text.peek().groups.letIn : text.peek().groups.notLetIn);
});
client.on("log.append", ({ conversationId, entries }) => {
  const counted = counts.peek().has(conversationId) && conversationOf(conversationId) !== undefined;
  if (counted && entries.some(({ kind }) => kind.startsWith("member."))) {
    void countJoinRequests(conversationId);
  }
});
