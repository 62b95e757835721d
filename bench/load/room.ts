import { Buffer } from "node:buffer";
import { setTimeout as delay } from "node:timers/promises";
import { between, percentiles, type Processes, read } from "./measure.ts";
import { type Heard, inParallel, LoadPerson } from "./person.ts";

export interface RoomJob {
  kind: "room";
  /** Where members connect, in turn. */
  urls: readonly string[];
  members: readonly { id: string; accessToken: string }[];
  senders: number;
  /** Sends under way of each sender. */
  window: number;
  warmSeconds: number;
  seconds: number;
  processes: Processes;
}

/** Parsed frames that are kept: members get the same bytes at nearly the same time. */
const KEPT_FRAMES = 64;

/**
 * One group with everybody online; a few send. Throws when a member lacks a message or gets one out of order. What is
 * counted are deliveries: an entry that reached a member. Latency is that of every fiftieth member.
 */
export async function room(job: RoomJob) {
  const { urls, members, senders } = job;
  const open = (index: number) =>
    LoadPerson.open({ url: urls[index % urls.length], accessToken: members[index].accessToken });
  const people = await inParallel(members.length, 50, open);
  const others = members.slice(1);
  const { id: conversationId } = await people[0].call<{ id: string }>("group.create", {
    title: "room",
    memberIds: [],
  });
  for (let at = 0; at < others.length; at += 500) {
    const memberIds = others.slice(at, at + 500).map(({ id }) => id);
    await people[0].call("group.addMembers", { conversationId, memberIds });
  }
  // Senders speak on sockets of their own, so that every member's frames are alike.
  const sending = await inParallel(senders, senders, open);
  const texts = new Texts(conversationId);
  const counts = new Uint32Array(members.length);
  const lasts = new Float64Array(members.length);
  const times: number[] = [];
  let [deliveries, frames, sent, measuring, stopped, broken] = [0, 0, 0, false, false, ""];
  for (const [index, person] of people.entries()) {
    person.onText = (payload) => {
      const { seqs, ats } = texts.read(payload);
      if (seqs.length === 0) return;
      frames += 1;
      for (const [i, seq] of seqs.entries()) {
        if (seq <= lasts[index]) {
          broken ||= `member ${index}: seq ${seq} after ${lasts[index]}`;
          continue;
        }
        if (lasts[index] > 0 && seq !== lasts[index] + 1) {
          broken ||= `member ${index}: ${seq} after ${lasts[index]}`;
        }
        lasts[index] = seq;
        counts[index] += 1;
        deliveries += 1;
        if (measuring && index % 50 === 0) times.push(performance.now() - ats[i]);
      }
    };
  }
  const speak = async (person: LoadPerson, lane: number) => {
    for (let i = 0; !stopped; i++) {
      sent += 1;
      const content = { type: "text", text: `at=${performance.now()} `.padEnd(100, "x") };
      await person.call("message.send", { conversationId, clientId: `c${lane}.${i}`, content });
    }
  };
  const all = sending.flatMap((person, s) =>
    Array.from({ length: job.window }, (_, w) => speak(person, s * job.window + w))
  );
  const failed = new Promise<never>((_, reject) => all.forEach((one) => one.catch(reject)));
  await Promise.race([failed, delay(job.warmSeconds * 1000)]);
  const from = read(job.processes);
  const [deliveredBefore, framesBefore] = [deliveries, frames];
  measuring = true;
  await Promise.race([failed, delay(job.seconds * 1000)]);
  measuring = false;
  const [delivered, framed] = [deliveries - deliveredBefore, frames - framesBefore];
  const figures = between(from, read(job.processes), delivered);
  stopped = true;
  await Promise.all(all);
  const whole = () => counts.every((count) => count === sent);
  for (const since = performance.now(); !whole() && performance.now() - since < 30_000;) await delay(20);
  if (!broken && !whole()) {
    broken = `${sent} sent; members got ${Math.min(...counts)} to ${Math.max(...counts)}`;
  }
  if (broken) throw new Error(`void: ${broken}`);
  for (const person of [...people, ...sending]) person.cut();
  return {
    ...figures,
    messagesPerSecond: Math.round(delivered / members.length / job.seconds),
    entriesPerFrame: Math.round(delivered / framed * 10) / 10,
    ...percentiles(times),
    sent,
  };
}

/** What frames hold of the room, parsed once for all members that get the same bytes. */
class Texts {
  #kept: { bytes: Uint8Array; seqs: number[]; ats: number[] }[] = [];
  #next = 0;

  constructor(private readonly conversationId: string) {}

  read(payload: Uint8Array): { seqs: number[]; ats: number[] } {
    for (const one of this.#kept) if (same(one.bytes, payload)) return one;
    const parsed = JSON.parse(new TextDecoder().decode(payload));
    const seqs: number[] = [];
    const ats: number[] = [];
    for (const { method, params } of Array.isArray(parsed) ? parsed : [parsed]) {
      if (method !== "log.append" || params.conversationId !== this.conversationId) continue;
      for (const { seq, content } of params.entries as Heard[]) {
        const at = /^at=(\S+) /.exec(content.text ?? "")?.[1];
        if (!at) continue;
        seqs.push(seq);
        ats.push(Number(at));
      }
    }
    const one = { bytes: payload.slice(), seqs, ats };
    this.#kept[this.#next++ % KEPT_FRAMES] = one;
    return one;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
