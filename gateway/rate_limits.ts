import type { Caller, Origin } from "../chat/handlers.ts";
import {
  ImError,
  LIMIT_CLASSES,
  type LimitClass,
  limitClassOf,
  type Operation,
  type OperationName,
  operations,
} from "../wire/mod.ts";
import type { RatePolicy } from "./rate_policies.ts";

/** Who is counted: a user by id, or somebody without a session by address. */
export type Subject = number | string;

/** What was used of a class since the last time it was told. */
export interface Use {
  key: string;
  /** How long the bucket takes to make up for it. */
  costMs: number;
}

/** Counts that gateways share (kit/redis_debts.ts): adds uses and answers for each how far its bucket is from full. */
export interface SharedCounts {
  /** Rejects when they cannot be told now. */
  add(uses: readonly Use[]): Promise<number[]>;
}

export interface RateLimitsOptions {
  policies: Readonly<Record<LimitClass, RatePolicy>>;
  /** A clock that never goes back, in milliseconds. */
  nowMs: () => number;
  shared?: SharedCounts;
  /** How many users and addresses are remembered at least; at most twice as many are. */
  remembered?: number;
}

/** What was used since the last time is told so often. */
const TELL_MS = 1_000;
const REMEMBERED = 50_000;

/** The classes of one user or address: when each bucket is full again, and what of it was not told yet. */
class Account {
  readonly fullAtMs = new Float64Array(LIMIT_CLASSES.length);
  readonly untoldMs = new Float64Array(LIMIT_CLASSES.length);
  isUntold = false;
  constructor(readonly subject: Subject) {}
}

interface Rule extends RatePolicy {
  limit: LimitClass;
  index: number;
  windowMs: number;
  /** What one call takes from the bucket. */
  intervalMs: number;
  header: string;
}

/**
 * How often one may call what: a token bucket for each user or address and class (as GCRA: a bucket is the time at
 * which it is full again). Counting is done here, without waiting for anybody. Once a second gateways tell each other
 * through `shared` what was used, so that all of them together let through one limit in the long run, and in any one
 * second at most one each. While that fails, each counts alone.
 */
export class RateLimits {
  /** How many calls of each class were refused since the start. */
  readonly refused: Record<LimitClass, number>;
  readonly #rules: Record<LimitClass, Rule>;
  readonly #operations = new Map<string, { rule: Rule; isPublic: boolean }>();
  readonly #options: RateLimitsOptions;
  /** Two generations: when the young one is full it becomes the old one, whose accounts are forgotten. */
  #young = new Map<Subject, Account>();
  #old = new Map<Subject, Account>();
  #untold: Account[] = [];
  #telling = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: RateLimitsOptions) {
    this.#options = options;
    const rules = LIMIT_CLASSES.map((limit, index) => [limit, toRule(limit, index, options.policies[limit])]);
    this.#rules = Object.fromEntries(rules);
    this.refused = Object.fromEntries(LIMIT_CLASSES.map((limit) => [limit, 0])) as Record<LimitClass, number>;
    for (const [name, operation] of Object.entries<Operation>(operations)) {
      const rule = this.#rules[limitClassOf(name, operation)];
      this.#operations.set(name, { rule, isPublic: operation.access === "public" });
    }
    if (options.shared) this.#timer = setInterval(() => void this.tell(), TELL_MS);
  }

  /** How many users and addresses are remembered. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** A call over the WebSocket by its method's name. Throws rate_limited. What is no operation counts as reading. */
  takeCall(method: string, caller: Caller, origin: Origin): void {
    const { rule, isPublic } = this.#operations.get(method) ?? { rule: this.#rules.read, isPublic: false };
    const waitMs = this.#take(rule, isPublic ? networkOf(origin.address) : caller.userId);
    if (waitMs > 0) throw limited(rule, waitMs);
  }

  /**
   * The same for a request over REST, whose answer carries the headers whatever it is. Who shows no session, or asks for
   * what needs none, counts by address.
   */
  takeRequest(name: OperationName, caller: Caller | null, origin: Origin): RateState {
    const { rule, isPublic } = this.#operations.get(name)!;
    return this.takeOf(rule.limit, caller && !isPublic ? caller.userId : networkOf(origin.address));
  }

  /** A call of a class, for what is no operation. */
  takeOf(limit: LimitClass, subject: Subject): RateState {
    const rule = this.#rules[limit];
    const waitMs = this.#take(rule, subject);
    return {
      headers: this.#headers(rule, subject),
      check: () => {
        if (waitMs > 0) throw limited(rule, waitMs);
      },
    };
  }

  /** Tells the other gateways what was used here, and hears what was used there. Never rejects. */
  async tell(): Promise<void> {
    const { shared, nowMs } = this.#options;
    if (!shared || this.#telling || this.#untold.length === 0) return;
    this.#telling = true;
    const told: { account: Account; index: number }[] = [];
    const uses: Use[] = [];
    for (const account of this.#untold.splice(0)) {
      account.isUntold = false;
      for (const [index, costMs] of account.untoldMs.entries()) {
        if (costMs === 0) continue;
        told.push({ account, index });
        uses.push({ key: keyOf(LIMIT_CLASSES[index], account.subject), costMs });
      }
      account.untoldMs.fill(0);
    }
    try {
      const debts = await shared.add(uses);
      const now = nowMs();
      for (const [i, { account, index }] of told.entries()) {
        const fullAtMs = now + debts[i] + account.untoldMs[index];
        account.fullAtMs[index] = Math.max(account.fullAtMs[index], fullAtMs);
      }
    } catch {
      // Then this gateway counts alone. Whoever is there to log it is the connection that failed.
    } finally {
      this.#telling = false;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** 0: taken. Else milliseconds after which there is something to take. */
  #take(rule: Rule, subject: Subject): number {
    const account = this.#account(subject);
    const { index, intervalMs, windowMs } = rule;
    const now = this.#options.nowMs();
    const fullAtMs = Math.max(now, account.fullAtMs[index]) + intervalMs;
    const overMs = fullAtMs - now - windowMs;
    // Rounding must not cost the last place.
    if (overMs > 1e-6) {
      this.refused[rule.limit]++;
      return Math.ceil(overMs);
    }
    account.fullAtMs[index] = fullAtMs;
    if (this.#timer !== undefined) {
      account.untoldMs[index] += intervalMs;
      if (!account.isUntold) {
        account.isUntold = true;
        this.#untold.push(account);
      }
    }
    return 0;
  }

  #account(subject: Subject): Account {
    const known = this.#young.get(subject);
    if (known) return known;
    const account = this.#old.get(subject) ?? new Account(subject);
    if (this.#young.size >= (this.#options.remembered ?? REMEMBERED)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(subject, account);
    this.#old.delete(subject);
    return account;
  }

  /** draft-ietf-httpapi-ratelimit-headers-10: what is left, and the seconds until all of it is there again. */
  #headers({ limit, index, windowMs, intervalMs, header }: Rule, subject: Subject): Record<string, string> {
    const debtMs = Math.max(0, this.#account(subject).fullAtMs[index] - this.#options.nowMs());
    const remaining = Math.max(0, Math.floor((windowMs - debtMs) / intervalMs + 1e-6));
    return {
      "ratelimit-policy": header,
      "ratelimit": `"${limit}";r=${remaining};t=${Math.ceil(debtMs / 1000)}`,
    };
  }
}

/** What a request has taken, to be said with its answer. */
export interface RateState {
  headers: Record<string, string>;
  /** Throws rate_limited where there was nothing left to take. */
  check(): void;
}

function toRule(limit: LimitClass, index: number, { quota, windowS }: RatePolicy): Rule {
  const windowMs = windowS * 1000;
  const header = `"${limit}";q=${quota};w=${windowS}`;
  return { limit, index, quota, windowS, windowMs, intervalMs: windowMs / quota, header };
}

function limited({ limit }: Rule, retryAfterMs: number): ImError {
  return new ImError("rate_limited", `Too many calls of the class "${limit}"`, { retryAfterMs });
}

const keyOf = (limit: LimitClass, subject: Subject) =>
  `${limit}:${typeof subject === "number" ? "u" : "a"}${subject}`;

/** An IPv4 address, or the /64 of an IPv6 one: less than that nobody is given (RFC 6177). */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head, tail] = address.split("%", 1)[0].split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...zeros, ...right].slice(0, 4).map((part) => part.replace(/^0+(?=.)/, "")).join(":");
}
