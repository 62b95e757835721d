import { parseRedisUrl } from "../kit/redis_url.ts";

/** Checks of single settings: text in, value out. A message thrown here completes the sentence "--flag: …". */

export interface AddressParts {
  host: string;
  port: number;
}

export interface DatabaseUrl {
  kind: "sqlite" | "mysql";
  /** A path for SQLite, the whole URL for MySQL. */
  target: string;
}

export interface FilesUrl {
  kind: "file" | "s3";
  /** A folder, or the whole URL of a bucket. */
  target: string;
}

export function text(value: string): string {
  if (value.trim() === "") throw new Error("must not be empty");
  return value;
}

export function choice<const T extends string>(...allowed: T[]): (value: string) => T {
  return (value) => {
    const found = allowed.find((one) => one === value);
    if (!found) {
      throw new Error(`must be ${allowed.slice(0, -1).join(", ")} or ${allowed.at(-1)}, not "${value}"`);
    }
    return found;
  };
}

export function port(value: string): number {
  const number = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  if (!(number <= 65535)) throw new Error(`must be a port from 0 to 65535 (0: any free one), not "${value}"`);
  return number;
}

/** How many of something, from 0 on. */
export function count(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new Error(`must be a number from 0 on, not "${value}"`);
  return Number(value);
}

/** From 0 to 1,000, with up to three places: `0.5`. */
export function factor(value: string): number {
  const number = /^\d{1,4}(\.\d{1,3})?$/.test(value) ? Number(value) : NaN;
  if (!(number <= 1_000)) throw new Error(`must be a number from 0 to 1000, not "${value}"`);
  return number;
}

/** A part of all. */
export function share(value: string): number {
  const number = /^\d(\.\d{1,6})?$/.test(value) ? Number(value) : NaN;
  if (!(number <= 1)) throw new Error(`must be a number from 0 to 1, not "${value}"`);
  return number;
}

export function atLeastOne(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new Error(`must be a number from 1 on, not "${value}"`);
  return Number(value);
}

/** An address or a network in CIDR notation (RFC 4632). */
export function network(value: string): string {
  const [address, bits, ...rest] = value.split("/");
  const isV4 = /^(\d{1,3}\.){3}\d{1,3}$/.test(address) && URL.canParse(`http://${address}`);
  const isV6 = address.includes(":") && URL.canParse(`http://[${address}]`);
  const most = isV4 ? 32 : 128;
  const good = (isV4 || isV6) && rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
  if (!good) throw new Error(`must be an address or a network like 10.0.0.0/8, not "${value}"`);
  return value;
}

/** Whole seconds, at most ten years. */
export function seconds(value: string): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  if (!(number <= 315_360_000)) throw new Error(`must be a number of seconds from 0 on, not "${value}"`);
  return number;
}

/** `host:port`, or `dns:host:port`: all that the name stands for. */
export function dbproxyAddress(value: string): AddressParts & { dns?: boolean } {
  return value.startsWith("dns:") ? { ...address(value.slice(4)), dns: true } : address(value);
}

/** `host:port`, `[::1]:port` for IPv6. */
export function address(value: string): AddressParts {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):(\d{1,5})$/.exec(value);
  if (!match) throw new Error(`must be host:port, not "${value}"`);
  return { host: match[1].replace(/^\[|\]$/g, ""), port: port(match[2]) };
}

export function list<T>(one: (value: string) => T): (value: string) => T[] {
  return (value) => value.split(",").map((part) => one(part.trim()));
}

export function url(value: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new Error(`must be an http:// or https:// address, not "${value}"`);
  }
  return new URL(value).href.replace(/\/$/, "");
}

/** What an OpenID Connect server calls itself: https, or http on this machine; to the letter, so the slash stays. */
export function issuerUrl(value: string): string {
  plainUrl(value);
  const parsed = new URL(value);
  if (parsed.protocol !== "https:" && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed.hostname)) {
    throw new Error("must be https://, unless it is on this machine");
  }
  return value;
}

/** The same without user and password, which `fetch` would refuse later, with the whole address in its words. */
export function plainUrl(value: string): string {
  const parsed = URL.canParse(value) ? new URL(value) : null;
  if (parsed?.username || parsed?.password) throw new Error("must be an address without user and password");
  return url(value);
}

/** These may hold a password, so the message never repeats them. */
export function redisUrl(value: string): string {
  parseRedisUrl(value);
  return value;
}

export function mysqlOrSqlite(value: string): DatabaseUrl {
  if (value.startsWith("sqlite:") && value.length > 7) return { kind: "sqlite", target: value.slice(7) };
  const parsed = URL.canParse(value) ? new URL(value) : null;
  if (parsed?.protocol === "mysql:" && parsed.hostname && parsed.pathname.length > 1) {
    return { kind: "mysql", target: value };
  }
  throw new Error("must be sqlite:PATH or mysql://user:password@host:port/name");
}

export function mysqlUrl(value: string): string {
  if (mysqlOrSqliteOrNull(value)?.kind === "mysql") return value;
  throw new Error("must be mysql://user:password@host:port/name");
}

function mysqlOrSqliteOrNull(value: string): DatabaseUrl | null {
  try {
    return mysqlOrSqlite(value);
  } catch {
    return null;
  }
}

const UNITS: Record<string, number> = {
  "": 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

/** Bytes: `500000`, `100MB`, `2GiB`; at most 2^53 - 1. */
export function bytes(value: string): number {
  const [, number, unit] = /^(\d{1,16})([a-z]*)$/i.exec(value.trim()) ?? [];
  const factor = number === undefined ? undefined : UNITS[unit.toUpperCase()];
  const size = factor === undefined ? NaN : Number(number) * factor;
  if (!Number.isSafeInteger(size)) {
    throw new Error(`must be a number of bytes like 500000, 100MB or 2GiB, not "${value}"`);
  }
  return size;
}

/** It may hold a secret, so the message never repeats it. */
export function folderOrBucket(value: string): FilesUrl {
  if (value.startsWith("file:") && value.length > 5) return { kind: "file", target: value.slice(5) };
  const url = value.startsWith("s3://") ? value.replace(/^s3:/, "http:") : "";
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const known = parsed && [...parsed.searchParams.keys()].every((key) => key === "region" || key === "tls");
  if (parsed?.username && parsed.password && known && /^\/[a-z0-9.-]{3,63}(\/.*)?$/.test(parsed.pathname)) {
    return { kind: "s3", target: value };
  }
  throw new Error(
    "must be file:FOLDER or s3://KEY:SECRET@host:port/bucket, with ?region=… or ?tls=false where needed",
  );
}
