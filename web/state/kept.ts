import { effect } from "@preact/signals";
import { ClientCache, type Conversation, IndexedDbCacheStore, type User } from "../../sdk/mod.ts";
import { forgetConversations, keptConversations, putKept } from "./conversations.ts";
import { forgetPeople, keptPeople, me, meetKept } from "./people.ts";
import { putKeptRelations, type Relation, relations, relationsState } from "./relations.ts";
import { client } from "./server.ts";

/** What this browser keeps of its person, to show it before there is a connection, or without one. */

const MEMBER = "imserver.member";
/** A list that changes often is kept once in a while. */
const KEEP_MS = 1000;
const MAX_RELATIONS = 2000;

let cache: ClientCache | undefined;
let stop: (() => void) | undefined;

/** For the view of a conversation; nothing where a browser keeps nothing. */
export function keptViews(): ClientCache | undefined {
  return cache;
}

/** Who was here last and did not log out; null when this browser knows of nobody. */
export async function readMember(): Promise<User | null> {
  const id = memberId();
  if (id === null || typeof indexedDB === "undefined") return null;
  const kept = openCache(id);
  const user = await kept.get<User>("me");
  kept.close();
  return user?.id === id ? user : null;
}

/** Shows what is kept of this person, and keeps what comes. */
export async function openKept({ id }: User): Promise<void> {
  if (stop || typeof indexedDB === "undefined") return;
  const before = memberId();
  if (before !== null && before !== id) void openCache(before).destroy();
  rememberMember(id);
  const mine = cache = openCache(id);
  let open = true;
  stop = () => {
    open = false;
    keepers.forEach((end) => end());
  };
  const keepers: (() => void)[] = [];
  const [list, people] = [await mine.get<Conversation[]>("conversations"), await mine.get<User[]>("people")];
  const circle = await mine.get<Relation[]>("relations");
  if (!open) return;
  if (people) meetKept(people);
  if (circle) putKeptRelations(circle);
  if (list) putKept(list);
  keepers.push(
    keep(() => me.value, (user) => user && mine.put("me", user)),
    keep(
      () => keptConversations.value,
      (conversations) => conversations && mine.put("conversations", conversations),
    ),
    keep(
      () => relationsState.value === "ready" ? relations.value : undefined,
      (known) => known && mine.put("relations", [...known.values()].slice(0, MAX_RELATIONS)),
    ),
    keep(() => keptPeople.value, (known) => known.length > 0 && mine.put("people", known)),
  );
}

/** Nothing of the person who leaves stays in this browser. */
export function wipeKept(): void {
  stop?.();
  const id = memberId();
  void (cache ?? (id === null || typeof indexedDB === "undefined" ? undefined : openCache(id)))?.destroy();
  cache = stop = undefined;
  rememberMember(null);
}

/** Writes a value after it has changed, a little later and once for many changes. */
function keep<T>(read: () => T, write: (value: T) => unknown): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest: T;
  const end = effect(() => {
    latest = read();
    timer ??= setTimeout(() => {
      timer = undefined;
      write(latest);
    }, KEEP_MS);
  });
  return () => {
    end();
    clearTimeout(timer);
  };
}

function openCache(id: string): ClientCache {
  return new ClientCache(new IndexedDbCacheStore(id));
}

function memberId(): string | null {
  try {
    return localStorage.getItem(MEMBER);
  } catch {
    return null;
  }
}

function rememberMember(id: string | null): void {
  try {
    if (id === null) localStorage.removeItem(MEMBER);
    else localStorage.setItem(MEMBER, id);
  } catch {
    // Then this browser shows nothing without its server.
  }
}

client.on("session.ready", async ({ epoch }) => {
  // The server's data is other than it was: what was kept of it means nothing now.
  if (!await cache?.useEpoch(epoch)) return;
  forgetConversations();
  forgetPeople();
});
