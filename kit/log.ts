import { currentTraceId } from "./trace.ts";

/** Logs: one line each on standard output, for people (`text`) or for machines (`json`). */

export type Level = "debug" | "info" | "warn" | "error";
export type Fields = Record<string, string | number | boolean | undefined>;

export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** A logger whose level may change while it is used. */
export interface LeveledLogger extends Logger {
  level: Level;
}

const LEVELS: Level[] = ["debug", "info", "warn", "error"];
/** Of one message so many lines are written in this time; the next one after it says how many were left out. */
const MAX_REPEATS = 20;
const REPEAT_WINDOW_MS = 10_000;
/** Messages are texts of this program, so there are few; where one holds a value after all, memory is bounded. */
const MAX_MESSAGES = 1_000;

export interface LogOptions {
  format: "text" | "json";
  level: Level;
  now?: () => number;
  write?: (line: string) => void;
}

/**
 * Fields are data, never message content, tokens or passwords. A line that is written while a request is traced names
 * the trace. What repeats is limited, but for `debug`: who asks for that wants all of it.
 */
export function createLogger(options: LogOptions): LeveledLogger {
  const { format, now = Date.now, write = (line) => console.log(line) } = options;
  const repeats = new Repeats();
  const say = (at: Level) => (message: string, fields: Fields = {}) => {
    if (LEVELS.indexOf(at) < LEVELS.indexOf(log.level)) return;
    const ms = now();
    const leftOut = at === "debug" ? 0 : repeats.note(`${at} ${message}`, ms);
    if (leftOut < 0) return;
    const traceId = currentTraceId();
    const all = { ...fields, ...(traceId ? { traceId } : {}), ...(leftOut > 0 ? { leftOut } : {}) };
    const time = new Date(ms).toISOString();
    write(format === "json" ? jsonLine(time, at, message, all) : textLine(time, at, message, all));
  };
  const log: LeveledLogger = {
    level: options.level,
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
  };
  return log;
}

class Repeats {
  #seen = new Map<string, { sinceMs: number; count: number }>();

  /** Negative: leave this one out. Else how many like it were left out before. */
  note(what: string, nowMs: number): number {
    const seen = this.#seen.get(what);
    if (seen && nowMs - seen.sinceMs < REPEAT_WINDOW_MS) return ++seen.count > MAX_REPEATS ? -1 : 0;
    if (this.#seen.size >= MAX_MESSAGES) this.#seen.clear();
    this.#seen.set(what, { sinceMs: nowMs, count: 1 });
    return Math.max(0, (seen?.count ?? 0) - MAX_REPEATS);
  }
}

function jsonLine(time: string, level: Level, message: string, fields: Fields): string {
  return JSON.stringify({ time, level, message, ...fields });
}

function textLine(time: string, level: Level, message: string, fields: Fields): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined).map(([key, value]) =>
    ` ${key}=${typeof value === "string" && /[\s"=]/.test(value) ? JSON.stringify(value) : value}`
  );
  // A line break in a value would let whoever chose the value write log lines of their own.
  return `${time} ${level.padEnd(5)} ${message.replaceAll(/[\r\n]+/g, " ")}${pairs.join("")}`;
}

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
