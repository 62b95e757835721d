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

/**
 * Sender→receiver pairs, each sender with so many sends under way. Every message must arrive once, in order,
 * and the log must end at the number sent, or the run is void (an exception).
 */
export async function direct(options: DirectOptions): Promise<DirectResult> {
  const { flavour, pairs, window, seconds, args } = options;
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, flavour, args });
  const lanes = [];
  for (let i = 0; i < pairs; i++) lanes.push(await openLane(server.url, i));
  const warmUp = performance.now() + 1_000;
  const end = warmUp + seconds * 1000;
  const times: number[] = [];
  let counted = 0;
  let cpuBefore = 0;
  delay(1_000).then(() => cpuBefore = cpuSeconds(server.pid));
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
  const cpu = cpuSeconds(server.pid) - cpuBefore;
  const rss = rssMiB(server.pid);
  for (const lane of lanes) await lane.check();
  times.sort((a, b) => a - b);
  const result = {
    messagesPerSecond: Math.round(counted / took),
    cpuMsPer1000: round(cpu * 1e6 / counted),
    p50Ms: round(times[Math.floor(times.length * 0.5)]),
    p99Ms: round(times[Math.floor(times.length * 0.99)]),
    rssMiB: rss,
  };
  await server.stop();
  return result;
}

async function openLane(url: string, number: number) {
  const sender = await register(url);
  const receiver = await register(url);
  const { id: conversationId } = await rest(
    url,
    "conversation.openDirect",
    { userId: receiver.id },
    sender.accessToken,
  );
  const [out, into] = [await Wire.open(url, sender.accessToken), await Wire.open(url, receiver.accessToken)];
  let last = 0;
  let sent = 0;
  let broken = "";
  into.onNotification = (method, params) => {
    if (method !== "log.append") return;
    for (const { seq } of params.entries as { seq: number }[]) {
      if (seq !== last + 1) broken ||= `lane ${number}: seq ${seq} after ${last}`;
      last = seq;
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
