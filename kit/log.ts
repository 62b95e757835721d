/** Logs: one line each on standard output, for people (`text`) or for machines (`json`). */

export type Level = "debug" | "info" | "warn" | "error";
export type Fields = Record<string, string | number | boolean | undefined>;

export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

const LEVELS: Level[] = ["debug", "info", "warn", "error"];

export interface LogOptions {
  format: "text" | "json";
  level: Level;
  now?: () => number;
  write?: (line: string) => void;
}

/** Fields are data, never message content, tokens or passwords. */
export function createLogger(options: LogOptions): Logger {
  const { format, level, now = Date.now, write = (line) => console.log(line) } = options;
  const say = (at: Level) => (message: string, fields: Fields = {}) => {
    if (LEVELS.indexOf(at) < LEVELS.indexOf(level)) return;
    const time = new Date(now()).toISOString();
    write(format === "json" ? jsonLine(time, at, message, fields) : textLine(time, at, message, fields));
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
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
