import { setTimeout as delay } from "node:timers/promises";
import { register, rest, Wire } from "../tests/support/people.ts";
import { type Flavour, startServer, tempFolder } from "../tests/support/server.ts";
import { cpuSeconds, rssMiB } from "./proc.ts";

export interface DirectOptions {
  flavour: Flavour;
  pairs: number;
  window: number;
  seconds: number;
  args?: string[];
}

export interface DirectResult {
  messagesPerSecond: number;
  /** CPU milliseconds of the server process per 1,000 messages. */
  cpuMsPer1000: number;
  p50Ms: number;
  p99Ms: number;
  rssMiB: number;
}

/** A sender here sends more than any person may; counted they are. */
const UNLIMITED = ["--rate-limit-scale=1000"];

/** Sender→receiver pairs on one server of its own. */
export async function direct(options: DirectOptions): Promise<DirectResult> {
  const { flavour, args = UNLIMITED } = options;
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, flavour, args });
  const result = await exchange({ ...options, from: [server.url], to: [server.url], pids: [server.pid] });
  await server.stop();
  return result;
}

export interface ExchangeOptions extends Pick<DirectOptions, "pairs" | "window" | "seconds"> {
  /** Where senders and receivers connect, in turn. */
  from: readonly string[];
  to: readonly string[];
  /** Whose CPU counts; the first one's memory is told. */
  pids: readonly number[];
}

/**
 * Sender→receiver pairs, each sender with so many sends under way. Every message must arrive, without a hole,
 * and the log must end at the number sent, or the run is void (an exception).
 */
export async function exchange(
  { pairs, window, seconds, from, to, pids }: ExchangeOptions,
): Promise<DirectResult> {
  const lanes: Awaited<ReturnType<typeof openLane>>[] = [];
  for (let i = 0; i < pairs; i++) lanes.push(await openLane(from[i % from.length], to[i % to.length], i));
  const cpuOfAll = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const warmUp = performance.now() + 1_000;
  const end = warmUp + seconds * 1000;
  const times: number[] = [];
  let counted = 0;
  let cpuBefore = 0;
  delay(1_000).then(() => cpuBefore = cpuOfAll());
  await Promise.all(lanes.map((lane) =>
    Promise.all(Array.from({ length: window }, async () => {
      while (performance.now() < end) {
        const at = performance.now();
        await lane.send();
        if (at < warmUp) continue;
        counted += 1;
        times.push(performance.now() - at);
      }
    }))
  ));
  const took = (performance.now() - warmUp) / 1000;
  const cpu = cpuOfAll() - cpuBefore;
  const rss = rssMiB(pids[0]);
  for (const lane of lanes) await lane.check();
  times.sort((a, b) => a - b);
  return {
    messagesPerSecond: Math.round(counted / took),
    cpuMsPer1000: round(cpu * 1e6 / counted),
    p50Ms: round(times[Math.floor(times.length * 0.5)]),
    p99Ms: round(times[Math.floor(times.length * 0.99)]),
    rssMiB: rss,
  };
}

async function openLane(from: string, to: string, number: number) {
  const sender = await register(from);
  const receiver = await register(to);
  const { id: conversationId } = await rest(
    from,
    "conversation.openDirect",
    { userId: receiver.id },
    sender.accessToken,
  );
  const [out, into] = [await Wire.open(from, sender.accessToken), await Wire.open(to, receiver.accessToken)];
  let last = 0;
  let sent = 0;
  let broken = "";
  into.onNotification = (method, params) => {
    if (method !== "log.append") return;
    for (const { seq } of params.entries as { seq: number }[]) {
      // A push may be repeated (the sweep of a busy cluster tells what is still on its way); none may be missing.
      if (seq > last + 1) broken ||= `lane ${number}: seq ${seq} after ${last}`;
      last = Math.max(last, seq);
    }
  };
  const content = { type: "text", text: "x".repeat(100) } as const;
  return {
    send: () => out.call("message.send", { conversationId, clientId: `c${sent++}`, content }),
    async check() {
      await into.until(() => last >= sent || broken !== "");
      if (broken || last !== sent) throw new Error(broken || `lane ${number}: ${last} of ${sent} arrived`);
      out.socket.terminate();
      into.socket.terminate();
    },
  };
}

const round = (value: number) => Math.round(value * 10) / 10;
