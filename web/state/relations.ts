import { computed, signal } from "@preact/signals";
import { ImError, type Output } from "../../sdk/mod.ts";
import { meet, remarks } from "./people.ts";
import { client } from "./server.ts";

/** What is between oneself and others: friends, requests, blocks, and the names and tags one gave them. */

export type Relation = Output<"friend.sync">["changed"][number];

export const relations = signal<ReadonlyMap<string, Relation>>(new Map());
export const relationsState = signal<"loading" | "ready" | ImError>("loading");

/** Who asks to be friends: they wait for an answer. */
export const invitations = computed(() => withState("invited"));

const PAGE = 500;
/** Up to where the server has told; 0: nothing yet. */
let version = 0;
let epoch = 0;
let running: Promise<void> | undefined;
let isStale = false;

export function withState(state: Relation["state"]): Relation[] {
  return [...relations.value.values()].filter((one) => one.state === state);
}

/** Asks for what has changed. What changes while it asks is asked for once more. */
export function syncRelations(): Promise<void> {
  isStale = true;
  running ??= readChanges().finally(() => running = undefined);
  return running;
}

export function forgetRelations(): void {
  epoch++;
  version = 0;
  put(new Map());
  relationsState.value = "loading";
}

/** As this browser kept them; the server has the last word. */
export function putKeptRelations(kept: readonly Relation[]): void {
  if (relationsState.peek() === "ready") return;
  put(new Map(kept.map((one) => [one.user.id, one])));
  relationsState.value = "ready";
}

async function readChanges(): Promise<void> {
  try {
    while (isStale) {
      isStale = false;
      await readOnce();
    }
  } catch (error) {
    if (relationsState.peek() === "ready") return;
    relationsState.value = error instanceof ImError ? error : new ImError("internal");
  }
}

async function readOnce(): Promise<void> {
  const mine = epoch;
  let next = new Map(relations.peek());
  let cursor: string | null = null;
  do {
    const page: Output<"friend.sync"> = await client.call("friend.sync", {
      since: version,
      limit: PAGE,
      ...(cursor !== null && { cursor }),
    });
    // Somebody else is here by now.
    if (mine !== epoch) return;
    if (cursor === null && page.full) next = new Map();
    page.removed.forEach((id) => next.delete(id));
    page.changed.forEach((one) => next.set(one.user.id, one));
    cursor = page.nextCursor;
    if (cursor === null) version = page.version;
  } while (cursor !== null);
  put(next);
  relationsState.value = "ready";
}

function put(next: ReadonlyMap<string, Relation>): void {
  meet([...next.values()].map(({ user }) => user));
  remarks.value = new Map(
    [...next.values()].flatMap(({ user, remark }) => remark === null ? [] : [[user.id, remark] as const]),
  );
  relations.value = next;
}

const TOLD_BY = new Set(["friend.changed", "friend.configured", "block.changed"]);
client.on("inbox", ({ kind }) => TOLD_BY.has(kind) && void syncRelations());
client.on("sync", ({ restart }) => {
  if (restart) forgetRelations();
  void syncRelations();
});
