import { ImError } from "../wire/errors.ts";
import type { Output } from "../wire/operations.ts";
import type { Rest } from "./rest.ts";
import { withTabLock } from "./tab_lock.ts";

/** What a login or a refresh hands out to a client that keeps its own tokens. */
export interface Tokens {
  accessToken: string;
  refreshToken?: string;
  /** Seconds until the access token expires. */
  expiresIn: number;
}

export interface CredentialsOptions {
  /** The tokens live in HttpOnly cookies, out of this program's sight. */
  cookie: boolean;
  accessToken?: string;
  refreshToken?: string;
  onTokens?: (tokens: Tokens) => void;
}

const LOCK = "imserver.refresh";
const REFRESH_TIMEOUT_MS = 15_000;
/** Longer than a look whether it still works and a trade can take together. */
const LOCK_EXPIRES_MS = 2 * REFRESH_TIMEOUT_MS + 5_000;
const LOCK_TIMEOUT_MS = 2 * LOCK_EXPIRES_MS;

/** Who this client is, and how it stays that when the access token runs out. */
export class Credentials {
  #access: string | undefined;
  #refresh: string | undefined;
  #refreshing: Promise<void> | undefined;

  constructor(readonly options: CredentialsOptions, readonly rest: () => Rest) {
    this.#access = options.accessToken;
    this.#refresh = options.refreshToken;
  }

  get headers(): Record<string, string> {
    return this.#access === undefined ? {} : { authorization: `Bearer ${this.#access}` };
  }

  accept({ accessToken, refreshToken, expiresIn }: Output<"auth.login">): void {
    if (accessToken === undefined) return;
    this.#access = accessToken;
    this.#refresh = refreshToken ?? this.#refresh;
    this.options.onTokens?.({ accessToken, refreshToken: this.#refresh, expiresIn });
  }

  forget(): void {
    this.#access = this.#refresh = undefined;
  }

  /** Whether a refresh may help against an error. The access cookie outlives its token, so it does say "expired". */
  mayRefresh(error: unknown): boolean {
    if (!(error instanceof ImError)) return false;
    if (!this.options.cookie && this.#refresh === undefined) return false;
    return error.code === "token_expired" || error.code === "token_invalid";
  }

  /** Trades the refresh token for new tokens. Callers at the same time share one trade: a token is good once. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshAlone().finally(() => this.#refreshing = undefined);
    return this.#refreshing;
  }

  /** Tabs of one browser share the cookie, so they take turns; who waited finds that another tab has refreshed. */
  async #refreshAlone(): Promise<void> {
    if (!this.options.cookie) return await this.#trade();
    const signal = AbortSignal.timeout(LOCK_TIMEOUT_MS);
    const work = async (waited: boolean) => {
      if (!waited || !await this.#works()) await this.#trade();
    };
    try {
      await withTabLock(LOCK, work, { signal, expiresMs: LOCK_EXPIRES_MS });
    } catch (error) {
      if (error === signal.reason) {
        throw new ImError("unavailable", "Another tab is busy renewing the session");
      }
      throw error;
    }
  }

  async #trade(): Promise<void> {
    const input = this.options.cookie ? { cookie: true } : { refreshToken: this.#refresh };
    this.accept(await this.rest()("auth.refresh", input, AbortSignal.timeout(REFRESH_TIMEOUT_MS)));
  }

  async #works(): Promise<boolean> {
    try {
      await this.rest()("user.me", {}, AbortSignal.timeout(REFRESH_TIMEOUT_MS));
      return true;
    } catch (error) {
      if (this.mayRefresh(error)) return false;
      throw error;
    }
  }
}
