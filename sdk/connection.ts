import { CLOSE_CODES } from "../wire/close_codes.ts";
import { ERRORS, ImError } from "../wire/errors.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import { Link } from "./link.ts";
import type { CallOptions } from "./rpc_line.ts";
import type { CloseReason, SocketLike } from "./socket.ts";
import { onWake } from "./wake.ts";

export type ClientState =
  | { state: "connecting" }
  | { state: "online"; userId: string }
  /** Between two attempts. */
  | { state: "offline"; retryInMs: number }
  /** It stays so until `connect()`: after `close()`, or because a login or another client is needed. */
  | { state: "ended"; needs: "nothing" | "login" | "fix"; error: ImError };

export interface ConnectionOptions {
  open(): SocketLike;
  /** Asks by REST whether the server still knows this client; refreshes the token and answers true if that was needed. */
  check(): Promise<boolean>;
  onState(state: ClientState): void;
  onNotification(name: string, params: unknown): void;
  backoff: Backoff;
}

type End = CloseReason & { ready: boolean };
type Ended = Extract<ClientState, { state: "ended" }>;

/** A connection that lasted this long was a good one: the next failure starts with the shortest wait again. */
const STABLE_MS = 10_000;
/** After so long without a word the server is asked for one: a line can die without either end being told. */
const QUIET_MS = 45_000;
const ALIVE_TIMEOUT_MS = 5_000;

/** Keeps one socket open, and says what became of it. */
export class Connection {
  #run: AbortController | undefined;
  #link: Link | undefined;
  #hurry: (() => void) | undefined;
  #skipPause = false;
  #linked: (() => void)[] = [];

  constructor(private readonly options: ConnectionOptions) {}

  start(): void {
    if (this.#run) return;
    const run = this.#run = new AbortController();
    const stopWaking = onWake(() => this.#wake());
    const timer = setInterval(() => this.#askIfQuiet(QUIET_MS), QUIET_MS / 2);
    run.signal.addEventListener("abort", () => (stopWaking(), clearInterval(timer)));
    this.#loop(run.signal).catch((error) => {
      // A URL that is none, or a page that may not open sockets: trying again cannot help.
      this.stop({ needs: "fix", error: new ImError("invalid_request", String(error)) });
    });
  }

  /** Ends it for good, until `start`. */
  stop(ended: Omit<Ended, "state">): void {
    if (!this.#run) return;
    this.#run.abort();
    this.#run = undefined;
    this.#hurry?.();
    this.#link?.drop();
    this.#linked.splice(0).forEach((linked) => linked());
    this.options.onState({ state: "ended", ...ended });
  }

  /** Goes on with a new socket at once, for new credentials. Resolves when calls can be made on it. */
  restart(): Promise<void> {
    if (!this.#run) return Promise.resolve();
    const linked = new Promise<void>((resolve) => this.#linked.push(resolve));
    this.#skipPause = this.#link !== undefined;
    this.#hurry?.();
    this.#link?.drop();
    return linked;
  }

  call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    const error = new ImError("unavailable", "Not connected");
    return this.#link?.rpc.call(method, params, options) ?? Promise.reject(error);
  }

  async #loop(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      const began = performance.now();
      this.options.onState({ state: "connecting" });
      const end = await this.#serve();
      const next = signal.aborted ? undefined : await this.#judge(end);
      if (next === undefined || signal.aborted) return;
      if ("needs" in next) return this.stop(next);
      if (end.ready && performance.now() - began > STABLE_MS) attempt = 0;
      if (!next.atOnce) await this.#pause(attempt, next.retryAfterMs ?? 0, signal);
    }
  }

  /** One socket, from opening to end. */
  #serve(): Promise<End> {
    return new Promise((resolve) => {
      this.#link = new Link(this.options.open(), {
        onReady: ({ userId }) => this.options.onState({ state: "online", userId }),
        onNotification: this.options.onNotification,
        onEnd: (end) => {
          this.#link = undefined;
          resolve(end);
        },
      });
      this.#linked.splice(0).forEach((linked) => linked());
    });
  }

  /** Whether and how to go on after a socket's end. */
  async #judge(end: End): Promise<Omit<Ended, "state"> | { atOnce: boolean; retryAfterMs?: number }> {
    const advice = end.close && CLOSE_CODES[end.close].advice;
    if (advice === "login") return { needs: "login", error: new ImError("session_ended") };
    if (advice === "fix") {
      return { needs: "fix", error: new ImError("invalid_request", CLOSE_CODES[end.close!].title) };
    }
    const atOnce = this.#skipPause;
    this.#skipPause = false;
    // Who was told why need not ask: a server that turns a herd away has enough to do.
    const told = end.ready || end.close !== undefined;
    if (told && end.code !== "token_expired") return { atOnce, retryAfterMs: end.retryAfterMs };
    try {
      // Browsers do not say why an upgrade failed, so REST is asked.
      return { atOnce: await this.options.check() || atOnce, retryAfterMs: end.retryAfterMs };
    } catch (error) {
      const known = error instanceof ImError ? error : new ImError("unavailable");
      if (ERRORS[known.code].advice === "login") return { needs: "login", error: known };
      return { atOnce: false, retryAfterMs: known.details.retryAfterMs };
    }
  }

  /** What the server asked for is waited in full; the rest of the wait ends when the browser wakes. */
  async #pause(attempt: number, mustMs: number, signal: AbortSignal): Promise<void> {
    const retryInMs = Math.max(mustMs, backoffMs(attempt, this.options.backoff));
    this.options.onState({ state: "offline", retryInMs });
    const until = performance.now() + mustMs;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, retryInMs);
      this.#hurry = () => {
        if (performance.now() < until && !signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#hurry = undefined;
  }

  #wake(): void {
    this.#hurry?.();
    this.#askIfQuiet(ALIVE_TIMEOUT_MS);
  }

  /** A link that does not answer is dropped, and so replaced. */
  #askIfQuiet(quietMs: number): void {
    const link = this.#link;
    if (!link?.ready || performance.now() - link.heardAt < quietMs) return;
    link.rpc.call("user.me", {}, { timeoutMs: ALIVE_TIMEOUT_MS }).catch(() => {
      if (performance.now() - link.heardAt >= quietMs) link.drop();
    });
  }
}
