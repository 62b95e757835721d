import { setTimeout as delay } from "node:timers/promises";
import { between, percentiles, type Processes, read } from "./measure.ts";
import { inParallel, LoadPerson } from "./person.ts";

export interface PairsJob {
  kind: "pairs";
  /** Where senders and receivers connect, in turn. */
  from: readonly string[];
  to: readonly string[];
  /** Two of each pair, in turn: who sends, who receives. */
  people: readonly { id: string; accessToken: string }[];
  /** Sends under way of each sender, the next one with the ack; or `rate`. */
  window?: number;
  /** Messages a second of all senders together, each when it is due. */
  rate?: number;
  warmSeconds: number;
  seconds: number;
  processes: Processes;
}

/**
 * Sender→receiver pairs. Throws when a message is not acknowledged with the next number, or does not arrive, or
 * arrives out of order or changed. `sent` is what must lie in the store.
 */
export async function pairs(job: PairsJob) {
  const count = job.people.length / 2;
  const lanes = await inParallel(count, 20, (i) => openLane(job, i));
  const arrivals: number[] = [];
  const acks: number[] = [];
  let measuring = false;
  let stopped = false;
  let arrived = 0;
  for (const lane of lanes) {
    lane.onArrival = (tookMs) => {
      if (!measuring) return;
      arrived += 1;
      arrivals.push(tookMs);
    };
  }
  const send = async (lane: Lane) => {
    const from = performance.now();
    await lane.send();
    if (measuring) acks.push(performance.now() - from);
  };
  const window = async (lane: Lane) => {
    while (!stopped) await send(lane);
  };
  const sending: Promise<unknown>[] = [];
  let lateMs = 0;
  if (job.rate) {
    sending.push(onTime(job.rate, () => stopped, (k, late) => {
      if (measuring) lateMs = Math.max(lateMs, late);
      sending.push(send(lanes[k % count]));
    }));
  } else for (const lane of lanes) for (let i = 0; i < job.window!; i++) sending.push(window(lane));
  // What fails while we measure is reported at once, not when all is over.
  const failed = new Promise<never>((_, reject) => sending.forEach((one) => one.catch(reject)));
  await Promise.race([failed, delay(job.warmSeconds * 1000)]);
  const before = read(job.processes);
  measuring = true;
  await Promise.race([failed, delay(job.seconds * 1000)]);
  measuring = false;
  const figures = between(before, read(job.processes), arrived);
  stopped = true;
  await sending[0];
  await Promise.all(sending);
  let repeated = 0;
  for (const lane of lanes) repeated += await lane.check();
  const { p50Ms, p99Ms } = percentiles(acks);
  return {
    ...figures,
    ...percentiles(arrivals),
    ackP50Ms: p50Ms,
    ackP99Ms: p99Ms,
    ...job.rate ? { lateMs } : {},
    repeated,
    sent: lanes.reduce((sum, { sent }) => sum + sent, 0),
  };
}

/** Calls at a steady rate, each as soon as it is due; with how late it is. */
async function onTime(rate: number, over: () => boolean, due: (k: number, lateMs: number) => void) {
  const from = performance.now();
  for (let k = 0; !over();) {
    const now = performance.now();
    for (; from + k * 1000 / rate <= now; k++) due(k, now - from - k * 1000 / rate);
    await delay(1);
  }
}

type Lane = Awaited<ReturnType<typeof openLane>>;

async function openLane({ from, to, people }: PairsJob, number: number) {
  const [sender, receiver] = [people[number * 2], people[number * 2 + 1]];
  const bufferBytes = 64 * 1024;
  const url = from[number % from.length];
  const out = await LoadPerson.open({ url, accessToken: sender.accessToken, bufferBytes });
  const into = await LoadPerson.open({
    url: to[number % to.length],
    accessToken: receiver.accessToken,
    bufferBytes,
  });
  const { id: conversationId } = await out.call<{ id: string }>("conversation.openDirect", {
    userId: receiver.id,
  });
  const padding = "x".repeat(100);
  let last = 0;
  let repeated = 0;
  let broken = "";
  const lane = {
    sent: 0,
    onArrival: (_tookMs: number) => {},
    /** Resolves with the ack. */
    async send() {
      const number = ++lane.sent;
      const text = `${number} ${performance.now()} ${padding}`.slice(0, 100);
      const content = { type: "text", text };
      const { seq } = await out.call<{ seq: number }>("message.send", {
        conversationId,
        clientId: `c${number}`,
        content,
      });
      if (seq !== number) broken ||= `sent as ${number}, stored as ${seq}`;
    },
    /** Waits for the last message; answers how many came again. */
    async check(): Promise<number> {
      for (const from = performance.now(); last < lane.sent && performance.now() - from < 30_000;) {
        await delay(20);
      }
      if (last !== lane.sent) broken ||= `${last} of ${lane.sent} arrived`;
      if (broken) throw new Error(`void: pair ${number}: ${broken}`);
      out.cut();
      into.cut();
      return repeated;
    },
  };
  into.onAppend = (id, entries) => {
    for (const { seq, content } of entries) {
      // A push may be repeated (the sweep of a busy cluster tells what is still on its way); none may be missing.
      if (seq <= last) {
        repeated += 1;
        continue;
      }
      const [stated, at] = content.text!.split(" ", 2);
      if (
        id !== conversationId || seq !== last + 1 || Number(stated) !== seq || content.text!.length !== 100
      ) {
        broken ||= `seq ${seq} after ${last}: ${content.text}`;
      }
      last = seq;
      lane.onArrival(performance.now() - Number(at));
    }
  };
  return lane;
}
