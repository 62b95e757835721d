import { createClient } from "../../sdk/client.ts";
import type { Client } from "../../sdk/client.ts";
import type { ConversationView } from "../../sdk/conversation_view.ts";
import { openOutbox } from "../../sdk/open_outbox.ts";
import { openView } from "../../sdk/open_view.ts";
import type { Outbox } from "../../sdk/outbox.ts";
import { ImError } from "../../wire/errors.ts";
import type { Entry } from "../../wire/schemas.ts";
import { type Person, register } from "../support/people.ts";
import { type Flavour, freePort, startServer, tempFolder } from "../support/server.ts";
import { Random } from "./random.ts";

export interface ProcessRun {
  seed: number;
  flavour: Flavour;
  writes: number;
  kills: number;
}

export interface PeopleRun {
  seed: number;
  url: string;
  writes: number;
  /** Called before each write, which waits for it. */
  before?: (write: number) => Promise<void>;
  /** Begins after half of the writes, while they go on; they go on until it is over. */
  disturb?: () => Promise<void>;
  /** Between two writes, at most. */
  paceMs?: number;
}

export interface PeopleOutcome {
  /** A sentence for each promise broken. */
  broken: string[];
  acked: number;
  /** From the end of the disturbance until a message sent after it had reached everybody in the group. */
  recoveredMs: number;
  /** The longest that a message waited from its writing to its ack. */
  longestWaitMs: number;
}

interface Member extends Person {
  client: Client;
  outbox: Outbox;
  views: Map<string, ConversationView>;
  /** Every entry of every push that came, by conversation. */
  pushed: Map<string, Set<number>>;
}

/** What one of them was answered: the seq at which the log must have it. */
interface Acked {
  conversationId: string;
  seq: number;
  /** Of a message: how long it took. */
  tookMs?: number;
  is: (entry: Entry) => boolean;
}

const PEOPLE = 5;
const DRAIN_MS = 60_000;

/**
 * Real processes: people with the SDK on real sockets write into a few conversations while the server is killed
 * (SIGKILL) and started again on the same data and port. The seed chooses what is done; when it happens is up to
 * the machine. Answers a sentence for each promise broken.
 */
export async function runProcesses({ seed, flavour, writes, kills }: ProcessRun): Promise<string[]> {
  const random = new Random(seed);
  using folder = tempFolder();
  const [port, opsPort] = [freePort(), freePort()];
  const start = () =>
    startServer({ dataDir: folder.path, flavour, port, opsPort, args: ["--rate-limit-scale=0"] });
  let server = await start();
  const killAt = new Set(Array.from({ length: kills }, () => random.int(1, writes - 1)));
  const before = async (write: number) => {
    if (!killAt.has(write)) return;
    await server.stop("SIGKILL");
    await delay(random.int(0, 300));
    server = await start();
  };
  try {
    return (await runPeople({ seed, url: server.url, writes, before })).broken;
  } finally {
    await server.stop("SIGKILL");
  }
}

/** The same people on whatever answers at `url`, and whatever is done to it meanwhile. */
export async function runPeople(run: PeopleRun): Promise<PeopleOutcome> {
  const { seed, url, writes, before = () => Promise.resolve(), disturb, paceMs = 8 } = run;
  const random = new Random(seed);
  const people: Member[] = [];
  try {
    for (let i = 0; i < PEOPLE; i++) people.push(await join(url));
    const places = await meet(people);
    const acked: Acked[] = [];
    let leftSeq = Infinity;
    let disturbance: Promise<void> | undefined;
    let over = disturb === undefined;
    for (let i = 0; i < writes || !over; i++) {
      await before(i);
      if (disturb && i === writes >> 1) disturbance = disturb().finally(() => over = true);
      const who = random.int(0, PEOPLE - 2);
      const place = random.pick(places.filter((one) => people[who].views.has(one)))!;
      act(people[who], place, `${who}: ${i}`, random, acked);
      if (i === writes >> 2) leftSeq = await leave(people[PEOPLE - 1], places[0]);
      await delay(random.int(0, paceMs));
    }
    await disturbance;
    const recoveredMs = disturb ? await recover(people.slice(0, -1), places[0]) : 0;
    const broken = await check({ people, places, acked, leftSeq });
    const longestWaitMs = Math.round(Math.max(0, ...acked.map(({ tookMs = 0 }) => tookMs)));
    return { broken, acked: acked.length, recoveredMs, longestWaitMs };
  } finally {
    for (const { client, outbox, views } of people) {
      for (const view of views.values()) view.close();
      outbox.close();
      client.close();
    }
  }
}

/** Until a message that is sent now has been pushed to everybody. */
async function recover(people: Member[], conversationId: string): Promise<number> {
  const from = performance.now();
  const signal = AbortSignal.timeout(DRAIN_MS);
  const [sender, ...others] = people;
  const { clientId } = sender.outbox.add(conversationId, { type: "text", text: "after it" });
  const has = ({ views }: Member) =>
    views.get(conversationId)!.messages.some((message) => message.clientId === clientId);
  await until(() => others.every(has), signal);
  return Math.round(performance.now() - from);
}

async function join(url: string): Promise<Member> {
  const person = await register(url);
  const client = createClient({ baseUrl: url, accessToken: person.accessToken, backoff: { capMs: 500 } });
  const pushed = new Map<string, Set<number>>();
  client.on("log.append", ({ conversationId, entries }) => {
    const seqs = pushed.get(conversationId) ?? new Set();
    pushed.set(conversationId, seqs);
    for (const { seq } of entries) seqs.add(seq);
  });
  await client.online();
  const outbox = openOutbox(client, { userId: person.id, backoff: { capMs: 500 } });
  return { ...person, client, outbox, views: new Map(), pushed };
}

/** A group of all and two direct conversations, each with views open; answers their ids. */
async function meet(people: Member[]): Promise<string[]> {
  const [first, ...others] = people;
  const memberIds = others.map(({ id }) => id);
  const group = await first.client.call("group.create", { title: "All", memberIds });
  const ids = [group.id];
  const members = [people];
  for (const pair of [[people[0], people[1]], [people[2], people[3]]]) {
    ids.push((await pair[0].client.call("conversation.openDirect", { userId: pair[1].id })).id);
    members.push(pair);
  }
  for (const [index, conversationId] of ids.entries()) {
    for (const { client, outbox, views } of members[index]) {
      const view = openView(client, { conversationId, outbox });
      await view.load();
      views.set(conversationId, view);
    }
  }
  return ids;
}

/** Mostly writes; sometimes changes what is there. Nobody waits for the answers. */
function act(person: Member, conversationId: string, text: string, random: Random, acked: Acked[]): void {
  const { client, outbox, views, id } = person;
  const message = random.pick(views.get(conversationId)!.messages);
  const deed = random.next();
  if (!message || deed < 0.7) {
    const from = performance.now();
    const { clientId } = outbox.add(conversationId, { type: "text", text });
    const off = outbox.on("sent", ({ item, ack: { seq } }) => {
      if (item.clientId !== clientId) return;
      off();
      acked.push({
        conversationId,
        seq,
        tookMs: performance.now() - from,
        is: (entry) => entry.kind === "message" && entry.clientId === clientId && entry.senderId === id,
      });
    });
    return;
  }
  const { seq: target } = message;
  const place = { conversationId, seq: target };
  const change = deed < 0.85 && message.senderId === id
    ? client.call("message.edit", { ...place, content: { type: "text", text } })
    : client.call("reaction.add", { ...place, emoji: "👍" });
  change.then(({ seq }) => {
    if (seq === null) return;
    acked.push({
      conversationId,
      seq,
      is: (entry) => entry.senderId === id && entry.content.target === target,
    });
  }, (error) => {
    if (!(error instanceof ImError) || error.code === "internal") throw error;
  });
}

/** Tries until it is done; answers the seq of the leaving. */
async function leave({ client, id }: Member, conversationId: string): Promise<number> {
  for (;;) {
    try {
      await client.online();
      await client.call("group.leave", { conversationId });
    } catch (error) {
      // Done by a try whose answer was lost.
      const left = error instanceof ImError && error.code === "conversation_not_found";
      if (!left) {
        await delay(100);
        continue;
      }
    }
    const { entries } = await client.call("log.read", { conversationId, limit: 1000 });
    const own = entries.findLast(({ kind, senderId }) => kind === "member.left" && senderId === id);
    if (own) return own.seq;
  }
}

async function check(
  { people, places, acked, leftSeq }: {
    people: Member[];
    places: string[];
    acked: Acked[];
    leftSeq: number;
  },
): Promise<string[]> {
  const broken: string[] = [];
  const signal = AbortSignal.timeout(DRAIN_MS);
  for (const { outbox } of people) await outbox.drained(signal);
  for (const place of places) {
    const members = people.filter(({ views }) => views.has(place)).filter((one) =>
      place !== places[0] || one !== people[PEOPLE - 1]
    );
    const log = await readLog(members[0], place);
    const hole = log.findIndex(({ seq }, index) => seq !== index + 1);
    if (hole >= 0) broken.push(`P2: the log has ${log[hole].seq} at place ${hole + 1}`);
    for (const { seq, is } of acked.filter(({ conversationId }) => conversationId === place)) {
      if (!log[seq - 1] || !is(log[seq - 1])) broken.push(`P1: what was acked as ${seq} is not there`);
    }
    const ids = log.flatMap(({ kind, clientId }) => kind === "message" ? [clientId] : []);
    if (new Set(ids).size < ids.length) broken.push("P3: a clientId is stored twice");
    for (const { views, username } of members) {
      const view = views.get(place)!;
      await until(() => view.lastSeq >= log.length, signal);
      if (view.lastSeq !== log.length) broken.push(`P4: ${username} has ${view.lastSeq} of ${log.length}`);
      else if (!await isSame(members[0], place, view)) {
        broken.push(`P4: ${username} shows other messages than history has`);
      }
    }
  }
  const strange = [...people[PEOPLE - 1].pushed.get(places[0]) ?? []].filter((seq) => seq > leftSeq);
  if (strange.length > 0) broken.push(`P5: who left with ${leftSeq} was pushed ${strange}`);
  return broken;
}

async function readLog({ client }: Member, conversationId: string): Promise<Entry[]> {
  const log: Entry[] = [];
  for (;;) {
    const after = log.at(-1)?.seq ?? 0;
    await client.online();
    const { entries, lastSeq } = await client.call("log.read", { conversationId, after });
    log.push(...entries);
    if (log.length === 0 || log[log.length - 1].seq >= lastSeq) return log;
  }
}

/** Whether a view's messages are the server's. */
async function isSame(reader: Member, conversationId: string, view: ConversationView): Promise<boolean> {
  while (view.hasOlder) await view.loadOlder();
  const stored: string[] = [];
  let before: number | undefined;
  do {
    const input = { conversationId, limit: 200, ...(before && { before }) };
    const page = await reader.client.call("message.history", input);
    stored.unshift(
      ...page.messages.map(({ seq, content, reactions, edits }) =>
        JSON.stringify([
          seq,
          content,
          (reactions ?? []).map(({ emoji, count }) => [emoji, count]),
          edits ?? 0,
        ])
      ),
    );
    before = page.nextBefore ?? undefined;
  } while (before);
  const shown = view.messages.map(({ seq, content, reactions, edits }) =>
    JSON.stringify([seq, content, reactions.map(({ emoji, count }) => [emoji, count]), edits])
  );
  return stored.join() === shown.join();
}

async function until(condition: () => boolean, signal: AbortSignal): Promise<void> {
  while (!condition() && !signal.aborted) await delay(20);
}

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
