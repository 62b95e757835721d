import type { Conversation, Entry } from "../../sdk/mod.ts";
import { client } from "./server.ts";

/** What one `log.read` gives at most. */
const MAX_READ = 1000;

/** What a chat tells of besides its messages. */
const isEvent = (kind: string) => kind.startsWith("group.") || kind.startsWith("member.");

/**
 * Who came and went in a part of the log, both ends included. Only groups have that; in others the log between
 * two messages holds nothing but changes of messages, and is not read.
 */
export async function readPageEvents(
  { id, type }: Conversation,
  { from, to, signal }: { from: number; to: number; signal: AbortSignal },
): Promise<Entry[]> {
  const events: Entry[] = [];
  for (let after = from - 1; type === "group" && after < to;) {
    const limit = Math.min(to - after, MAX_READ);
    const { entries } = await client.call("log.read", { conversationId: id, after, limit }, { signal });
    if (entries.length === 0) break;
    events.push(...entries.filter(({ kind }) => isEvent(kind)));
    after = entries[entries.length - 1].seq;
  }
  return events;
}
