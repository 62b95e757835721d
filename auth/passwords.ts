import { ImError } from "../wire/errors.ts";
import { ARGON2_COST, argon2Hash, argon2Matches } from "./argon2id.ts";
import type { PasswordRequest } from "./password_worker.ts";
import { type PasswordJob, PasswordThread } from "./password_thread.ts";

/** Keeps passwords as Argon2id hashes (RFC 9106). Both calls cost some 80 ms and 19 MiB while they run. */
export interface Passwords {
  /** The encoded hash to store, about 97 characters. Rejects an empty password with `password_invalid`. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one that was hashed. A null hash (no such user) takes as long and answers false, so
   * that nobody learns from the time who has an account. Rejects `internal` when the stored hash is damaged.
   */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** Ends the workers; whatever waits is rejected with `unavailable`, and so is every later call. */
  close(): void;
}

export interface PasswordOptions {
  /** Starts a worker that calls `servePasswordWorker`. */
  spawn: () => Worker;
  /** Hashes at the same time, each on its own thread. */
  workers?: number;
  /** Jobs that may wait beside those that run; one more is rejected with `overloaded`. */
  maxQueue?: number;
  /** A worker is ended after so long without work, to give its memory back. */
  idleMs?: number;
  /** A job that takes longer, the worker's start included, is given up with `internal`, and so is its worker. */
  jobTimeoutMs?: number;
}

/**
 * Hashes on worker threads, so that the thread which serves sockets never waits. Workers start when first needed. One
 * that dies rejects its job with `internal`; the next job starts another.
 */
export function openPasswords(options: PasswordOptions): Passwords {
  return new WorkerPasswords(options);
}

/** Hashes on the caller's own thread, which stands still meanwhile: for tests and tools. */
export function inlinePasswords(options: { memoryKiB?: number; iterations?: number } = {}): Passwords {
  const cost = {
    memoryKiB: options.memoryKiB ?? ARGON2_COST.memoryKiB,
    iterations: options.iterations ?? ARGON2_COST.iterations,
  };
  return {
    hash: async (password) => {
      refuseEmpty(password);
      return await argon2Hash(password, cost);
    },
    verify: async (hash, password) => {
      try {
        return await argon2Matches(hash, password, cost);
      } catch (error) {
        throw Object.assign(new ImError("internal"), { cause: error });
      }
    },
    close: () => {},
  };
}

class WorkerPasswords implements Passwords {
  readonly #options: Required<PasswordOptions>;
  readonly #threads = new Set<PasswordThread>();
  readonly #waiting: PasswordJob[] = [];
  #closed = false;

  constructor(options: PasswordOptions) {
    this.#options = {
      spawn: options.spawn,
      workers: options.workers ?? 1,
      maxQueue: options.maxQueue ?? 64,
      idleMs: options.idleMs ?? 30_000,
      jobTimeoutMs: options.jobTimeoutMs ?? 30_000,
    };
  }

  async hash(password: string): Promise<string> {
    refuseEmpty(password);
    return String(await this.#submit({ kind: "hash", password }));
  }

  async verify(hash: string | null, password: string): Promise<boolean> {
    return (await this.#submit({ kind: "verify", hash, password })) === true;
  }

  close(): void {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.reject(new ImError("unavailable"));
    for (const thread of [...this.#threads]) thread.end(new ImError("unavailable"));
  }

  #submit(request: PasswordRequest): Promise<string | boolean> {
    if (this.#closed) return Promise.reject(new ImError("unavailable"));
    return new Promise((resolve, reject) => {
      const job = { request, resolve, reject };
      const thread = this.#freeThread();
      if (thread !== undefined) thread.run(job);
      else if (this.#waiting.length < this.#options.maxQueue) this.#waiting.push(job);
      else reject(new ImError("overloaded", undefined, { retryAfterMs: 1000 }));
    });
  }

  /** A thread without a job, started if there may be one more; undefined when all are at work. */
  #freeThread(): PasswordThread | undefined {
    for (const thread of this.#threads) if (!thread.busy) return thread;
    if (this.#threads.size >= this.#options.workers) return undefined;
    const thread: PasswordThread = new PasswordThread(this.#options, {
      onFree: () => this.#runNext(),
      onEnd: () => {
        this.#threads.delete(thread);
        this.#runNext();
      },
    });
    this.#threads.add(thread);
    return thread;
  }

  #runNext(): void {
    if (this.#closed || this.#waiting.length === 0) return;
    const thread = this.#freeThread();
    if (thread !== undefined) thread.run(this.#waiting.shift()!);
  }
}

function refuseEmpty(password: string): void {
  if (password === "") {
    throw new ImError("password_invalid", "A password is not empty.", { field: "password" });
  }
}
