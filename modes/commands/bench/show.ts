import type { Terminal } from "../command.ts";
import type { Counts, LogReport } from "./lane.ts";

const BAR = 24;
const EVERY_MS = { live: 250, lines: 5_000 };

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const count = (value: number) => value.toLocaleString("en");

/** One line of how it goes. */
export function progressLine(counts: Counts, secondsDone: number, seconds: number): string {
  const filled = Math.round(BAR * Math.min(1, secondsDone / seconds));
  const errors = [...counts.errors.values()].reduce((sum, one) => sum + one, 0);
  return [
    `[${"#".repeat(filled)}${".".repeat(BAR - filled)}] ${Math.floor(secondsDone)}/${seconds} s`,
    `sent ${count(counts.sent)}`,
    `acked ${count(counts.acked)}`,
    `delivered ${count(counts.delivered)}`,
    `p50 ${ms(counts.ack.at(0.5))}`,
    `p99 ${ms(counts.ack.at(0.99))}`,
    ...errors > 0 ? [`errors ${count(errors)}`] : [],
  ].join("  ");
}

/** Shows it as it goes: one line rewritten where a person looks on, else a line now and then. The answer ends it. */
export function showProgress(terminal: Terminal, counts: Counts, seconds: number): () => void {
  const from = performance.now();
  const show = () => {
    const line = progressLine(counts, Math.min(seconds, (performance.now() - from) / 1000), seconds);
    terminal.tell(terminal.isLive ? `\r${line}\x1b[K` : `${line}\n`);
  };
  const timer = setInterval(show, terminal.isLive ? EVERY_MS.live : EVERY_MS.lines);
  return () => {
    clearInterval(timer);
    show();
    if (terminal.isLive) terminal.tell("\n");
  };
}

export interface Summary {
  url: string;
  users: number;
  seconds: number;
  sent: number;
  acked: number;
  delivered: number;
  ackedPerSecond: number;
  ackMs: Times;
  deliveryMs: Times;
  errors: Record<string, number>;
  log: LogReport;
  good: boolean;
}

interface Times {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export function summarise(
  counts: Counts,
  { url, users, seconds, log }: Pick<Summary, "url" | "users" | "seconds" | "log">,
): Summary {
  const times = (of: Counts["ack"]): Times => {
    const round = (value: number) => Math.round(value * 100) / 100;
    return { p50: round(of.at(0.5)), p95: round(of.at(0.95)), p99: round(of.at(0.99)), max: round(of.max) };
  };
  const { sent, acked, delivered } = counts;
  return {
    url,
    users,
    seconds: Math.round(seconds * 10) / 10,
    sent,
    acked,
    delivered,
    ackedPerSecond: Math.round(acked / seconds),
    ackMs: times(counts.ack),
    deliveryMs: times(counts.delivery),
    errors: Object.fromEntries(counts.errors),
    log,
    good: acked > 0 && log.lost + log.doubled + log.disordered === 0,
  };
}

export function summaryText(s: Summary): string {
  const row = (name: string, t: Times) =>
    `${name.padEnd(10)} p50 ${ms(t.p50).padStart(9)}   p95 ${ms(t.p95).padStart(9)}   p99 ${
      ms(t.p99).padStart(9)
    }   max ${ms(t.max).padStart(9)}`;
  const errors = Object.entries(s.errors).map(([code, times]) => `${code} ${count(times)}`).join(", ");
  const { lost, doubled, disordered, notPushed, reconnects } = s.log;
  const verdict = s.good
    ? "Every message that was acknowledged is in the log, once and in order."
    : `WRONG: ${lost} lost, ${doubled} doubled, ${disordered} out of order.`;
  return [
    `${s.url}: ${s.users} users, ${s.seconds} s, ${count(s.sent)} sent, ${count(s.acked)} acknowledged (${
      count(s.ackedPerSecond)
    } a second)`,
    row("ack", s.ackMs),
    row("delivery", s.deliveryMs),
    ...errors ? [`errors     ${errors}`] : [],
    ...notPushed > 0 ? [`${count(notPushed)} messages were not pushed: a client gets them by sync`] : [],
    ...reconnects > 0 ? [`${count(reconnects)} times a connection was made anew`] : [],
    acknowledgedNothing(s) ?? verdict,
    "",
  ].join("\n");
}

const acknowledgedNothing = ({ acked }: Summary) => acked === 0 ? "WRONG: nothing was acknowledged." : null;
