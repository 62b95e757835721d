import { ImError } from "../../wire/errors.ts";
import type { Conversation, InboxEntry } from "../../wire/schemas.ts";
import type { Person } from "../support/people.ts";
import type { Call } from "./two_sided.ts";
import { untilAnswered } from "./until_answered.ts";

/** What one person has of everything that has another side. */
interface Side {
  friends: Set<string>;
  sent: Set<string>;
  received: Set<string>;
  blocked: Set<string>;
  groups: Map<string, Conversation>;
  inbox: InboxEntry[];
}

/** Looks at what everybody has, when nothing is under way; a sentence for each thing that only one side has. */
export async function checkSides(
  people: readonly Person[],
  directs: ReadonlyMap<string, string>,
  call: Call,
): Promise<string[]> {
  const patient: Call = (who, name, input) => untilAnswered(() => call(who, name, input));
  const sides = new Map<string, Side>();
  for (const one of people) sides.set(one.id, await sideOf(one, patient));
  const broken: string[] = [];
  for (const one of people) {
    const mine = sides.get(one.id)!;
    for (const other of people.filter(({ id }) => id !== one.id)) {
      const theirs = sides.get(other.id)!;
      broken.push(...checkRelation(one, other, mine, theirs));
    }
    broken.push(...checkInbox(one, mine));
  }
  broken.push(...await checkGroups(people, sides, patient));
  for (const [pair, conversationId] of directs) {
    const ids = pair.split(" ");
    for (const who of people.filter(({ id }) => ids.includes(id))) {
      const other = ids.find((id) => id !== who.id)!;
      const refused = await patient(who, "typing.set", { conversationId, on: true })
        .then(() => false, (error) => isCode(error, "blocked"));
      const blocked = sides.get(other)!.blocked.has(who.id);
      if (refused !== blocked) {
        broken.push(`${who.id} is blocked by ${other}: ${blocked}, refused: ${refused}`);
      }
    }
  }
  return broken;
}

async function sideOf(who: Person, call: Call): Promise<Side> {
  const ids = (rows: { user: { id: string } }[]) => new Set(rows.map(({ user }) => user.id));
  const { conversations } = await call(who, "conversation.list", { limit: 200 });
  return {
    friends: ids((await call(who, "friend.list", { presence: false })).friends),
    sent: ids((await call(who, "friend.requests", { direction: "sent" })).requests),
    received: ids((await call(who, "friend.requests", { direction: "received" })).requests),
    blocked: new Set((await call(who, "block.list", {})).users.map(({ id }) => id)),
    groups: new Map(conversations.filter(({ type }) => type === "group").map((one) => [one.id, one])),
    inbox: await inboxOf(who, call),
  };
}

async function inboxOf(who: Person, call: Call): Promise<InboxEntry[]> {
  const entries: InboxEntry[] = [];
  for (;;) {
    const page = await call(who, "inbox.read", { after: entries.length, limit: 500 });
    entries.push(...page.entries);
    if (page.entries.length === 0 || entries.length >= page.lastSeq) return entries;
  }
}

function checkRelation(one: Person, other: Person, mine: Side, theirs: Side): string[] {
  const broken: string[] = [];
  const both = (what: string, a: boolean, b: boolean) => {
    if (a !== b) broken.push(`${what} between ${one.id} and ${other.id} is on one side only`);
  };
  both("a friendship", mine.friends.has(other.id), theirs.friends.has(one.id));
  both("a request", mine.sent.has(other.id), theirs.received.has(one.id));
  const states = [mine.friends, mine.sent, mine.received, mine.blocked].filter((set) => set.has(other.id));
  if (states.length > 1) broken.push(`${one.id} has ${states.length} relations with ${other.id}`);
  return broken;
}

/** What an inbox says last of a relation or a group is what is; its seqs have no holes. */
function checkInbox({ id }: Person, { friends, sent, received, groups, inbox }: Side): string[] {
  const broken: string[] = [];
  const said = new Map<string, string>();
  const joined = new Set<string>();
  for (const [index, { seq, kind, content }] of inbox.entries()) {
    if (seq !== index + 1) broken.push(`the inbox of ${id} has ${seq} at place ${index + 1}`);
    if (kind === "friend.changed") said.set(content.userId as string, content.state as string);
    if (content.type !== "group") continue;
    if (kind === "conversation.joined") joined.add(content.conversationId as string);
    if (kind === "conversation.left") joined.delete(content.conversationId as string);
  }
  for (const [other, state] of said) {
    const is = friends.has(other)
      ? "friends"
      : sent.has(other)
      ? "requested"
      : received.has(other)
      ? "invited"
      : "none";
    if (state !== is) broken.push(`the inbox of ${id} says ${state} of ${other}, who is ${is}`);
  }
  for (const group of new Set([...joined, ...groups.keys()])) {
    if (joined.has(group) !== groups.has(group)) {
      broken.push(`the inbox of ${id} is wrong about group ${group}`);
    }
  }
  return broken;
}

/** Whom a group has is who has the group, and one of them owns it. */
async function checkGroups(
  people: readonly Person[],
  sides: ReadonlyMap<string, Side>,
  call: Call,
): Promise<string[]> {
  const broken: string[] = [];
  for (const conversationId of new Set([...sides.values()].flatMap(({ groups }) => [...groups.keys()]))) {
    const inside = people.filter(({ id }) => sides.get(id)!.groups.has(conversationId));
    const { members } = await call(inside[0], "conversation.members", { conversationId });
    const ids = members.map(({ user }) => user.id).sort().join();
    if (ids !== inside.map(({ id }) => id).sort().join()) {
      broken.push(`group ${conversationId} has ${ids}, but ${inside.map(({ id }) => id)} have it`);
    }
    const owners = members.filter(({ role }) => role === "owner").map(({ user }) => user.id);
    if (owners.length !== 1) broken.push(`group ${conversationId} has ${owners.length} owners`);
    for (const { id } of inside) {
      const { role, memberCount } = sides.get(id)!.groups.get(conversationId)!;
      if (memberCount !== members.length) {
        broken.push(`group ${conversationId} counts ${memberCount} members`);
      }
      if ((role === "owner") !== owners.includes(id)) broken.push(`${id} is ${role} of ${conversationId}`);
    }
  }
  return broken;
}

const isCode = (error: unknown, code: string) => error instanceof ImError && error.code === code;
