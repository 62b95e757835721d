import { ImError } from "../wire/errors.ts";
import type { PasswordReply, PasswordRequest } from "./password_worker.ts";

/** A request and whoever waits for its answer. */
export interface PasswordJob {
  request: PasswordRequest;
  resolve(value: string | boolean): void;
  reject(error: ImError): void;
}

/** What the pool wants to hear. Each is called when the thread's own state is settled. */
export interface PasswordThreadEvents {
  /** The job is done and the thread takes another. */
  onFree(): void;
  /** The thread has ended, whatever the reason, and must be forgotten. */
  onEnd(): void;
}

/**
 * One worker with at most one job. The worker starts with the first job and ends by itself when it has been idle for
 * `idleMs`, when it fails, or when a job takes longer than `jobTimeoutMs` (a worker that ends itself tells nobody, so
 * time is the only sign).
 */
export class PasswordThread {
  #worker: Worker | undefined;
  #ready = false;
  #ended = false;
  #job: PasswordJob | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly options: { spawn: () => Worker; idleMs: number; jobTimeoutMs: number },
    private readonly events: PasswordThreadEvents,
  ) {}

  get busy(): boolean {
    return this.#job !== undefined;
  }

  /** Only for a thread that is not busy. */
  run(job: PasswordJob): void {
    this.#job = job;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail("the job took too long"), this.options.jobTimeoutMs);
    try {
      this.#worker ??= this.#start();
    } catch (error) {
      return this.#fail(error);
    }
    if (this.#ready) this.#worker.postMessage(job.request);
  }

  /** Ends the worker at once; the job in it, if any, is rejected with the error given. */
  end(error: ImError): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#job?.reject(error);
    this.#job = undefined;
    this.events.onEnd();
  }

  #start(): Worker {
    const worker = this.options.spawn();
    worker.onmessage = (event: MessageEvent<PasswordReply>) => this.#receive(event.data);
    worker.onmessageerror = () => this.#fail("a reply could not be read");
    worker.onerror = (event) => {
      // Unless prevented, Deno rethrows it here and the whole server would die of one worker.
      event.preventDefault();
      this.#fail(event.message);
    };
    return worker;
  }

  #receive(reply: PasswordReply): void {
    if (this.#ended) return;
    if (reply.kind === "ready") {
      this.#ready = true;
      if (this.#job !== undefined) this.#worker?.postMessage(this.#job.request);
      return;
    }
    const job = this.#job;
    this.#rest();
    if (reply.kind === "value") job?.resolve(reply.value);
    else job?.reject(internal(reply.message));
    this.events.onFree();
  }

  #rest(): void {
    this.#job = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(new ImError("unavailable")), this.options.idleMs);
    Deno.unrefTimer(this.#timer);
  }

  #fail(reason: unknown): void {
    this.end(internal(reason));
  }
}

/** The client learns nothing but `internal`; the log finds the reason as the error's cause. */
function internal(reason: unknown): ImError {
  return Object.assign(new ImError("internal"), { cause: reason });
}
