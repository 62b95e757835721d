import { computed, signal } from "@preact/signals";
import type { User } from "../../sdk/mod.ts";
import { client } from "./server.ts";
import { text } from "./settings.ts";

export const me = signal<User | null>(null);

/** What one calls others oneself, by their ids: it stands wherever their name would. relations.ts keeps it. */
export const remarks = signal<ReadonlyMap<string, string>>(new Map());

/** Everyone this page has met, for the names beside messages. */
const people = signal<ReadonlyMap<string, User>>(new Map());

/** Those of them that this browser keeps: the ones met last. */
const MAX_KEPT = 1000;
export const keptPeople = computed(() => [...people.value.values()].slice(-MAX_KEPT));

/** Whom nobody has introduced is asked for one after another, so that a long list is not a burst of calls. */
const unknown = new Set<string>();
let asking = false;

export function meet(users: Iterable<User>): void {
  const fresh = [...users].filter((user) => !isSame(people.peek().get(user.id), user));
  if (fresh.length === 0) return;
  people.value = new Map([...people.peek(), ...fresh.map((user) => [user.id, user] as const)]);
}

/** What this browser kept: of whom the server has spoken since, that counts. */
export function meetKept(users: readonly User[]): void {
  meet(users.filter(({ id }) => !people.peek().has(id)));
}

const isSame = (known: User | undefined, user: User) =>
  known?.displayName === user.displayName && known.username === user.username &&
  known.avatar === user.avatar && known.statusText === user.statusText && known.deleted === user.deleted;

/** A person whom this page has met already. */
export function metPerson(userId: string): User | undefined {
  return people.value.get(userId);
}

/** A person as far as they are known; undefined until then, which asking for it brings about. */
export function personOf(userId: string): User | undefined {
  const person = userId === me.value?.id ? me.value : people.value.get(userId);
  if (!person) void ask(userId);
  return person ?? undefined;
}

/** What a person is called; undefined until it is known. */
export function nameOf(userId: string): string | undefined {
  const person = personOf(userId);
  return person && callOf(person);
}

/** The same of a person at hand: one's own name for them before the one they gave themselves. */
export function callOf({ id, displayName, deleted }: User): string {
  return deleted ? text.value.deletedAccount : remarks.value.get(id) ?? displayName;
}

export function forgetPeople(): void {
  people.value = new Map();
  unknown.clear();
}

async function ask(userId: string): Promise<void> {
  unknown.add(userId);
  if (asking) return;
  asking = true;
  // Not while components render, which is when names are asked for.
  await Promise.resolve();
  for (const id of unknown) {
    try {
      meet([await client.call("user.get", { userId: id })]);
    } catch {
      // It shows as "someone", and is asked again when it is next shown.
    }
    unknown.delete(id);
  }
  asking = false;
}
