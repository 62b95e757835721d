import { signal } from "@preact/signals";
import type { Presence } from "../../sdk/mod.ts";
import { client, online } from "./server.ts";

/** Who is online, of those that are looked at: the server is told whom to watch, once for all who look. */

const presences = signal<ReadonlyMap<string, Presence>>(new Map());
/** How many places on the screen look at each. */
const watched = new Map<string, number>();
/** What one call takes, and what one connection watches. */
const MOST_A_CALL = 500;
const MOST = 1000;

/** Undefined where it is not known, or not for oneself to see. */
export function presenceOf(userId: string): Presence | undefined {
  return presences.value.get(userId);
}

/** Watches people until the answer is called. */
export function watchPeople(userIds: readonly string[]): () => void {
  const ids = [...new Set(userIds)].slice(0, MOST);
  const fresh = ids.filter((id) => !watched.has(id));
  ids.forEach((id) => watched.set(id, (watched.get(id) ?? 0) + 1));
  void subscribe(fresh);
  return () => unwatch(ids);
}

/** A list that changes is left and watched again at once: only whom nobody watches then is let go. */
function unwatch(ids: readonly string[]): void {
  ids.forEach((id) => watched.set(id, (watched.get(id) ?? 1) - 1));
  setTimeout(() => {
    const left = ids.filter((id) => watched.get(id) === 0);
    left.forEach((id) => watched.delete(id));
    void inPieces(left, (userIds) => client.call("presence.unsubscribe", { userIds }));
  });
}

/** Of whom the answer says nothing, nothing is known any more. */
function subscribe(ids: readonly string[]): Promise<void> {
  return inPieces(ids, async (userIds) => {
    const { presences: told } = await client.call("presence.subscribe", { userIds });
    const next = new Map(presences.peek());
    userIds.forEach((id) => next.delete(id));
    told.forEach((one) => next.set(one.userId, one));
    presences.value = next;
  });
}

async function inPieces(
  ids: readonly string[],
  work: (piece: string[]) => Promise<unknown>,
): Promise<void> {
  if (!online.peek()) return;
  try {
    for (let from = 0; from < ids.length; from += MOST_A_CALL) {
      await work(ids.slice(from, from + MOST_A_CALL));
    }
  } catch {
    // It is only a dot; after the next connect it is asked for again.
  }
}

client.on("presence.changed", (one) => {
  presences.value = new Map(presences.peek()).set(one.userId, one);
});
client.on("sync", () => void subscribe([...watched.keys()].slice(0, MOST)));
// Whom one may watch has changed.
client.on("inbox", ({ kind, content }) => {
  const id = String(content.userId);
  if ((kind === "friend.changed" || kind === "block.changed") && watched.has(id)) void subscribe([id]);
});
