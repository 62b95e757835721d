import { setImmediate } from "node:timers";
import { ImError, isErrorCode } from "../../wire/errors.ts";
import type { Data } from "../service.ts";
import { callTable, proxyData } from "./methods.ts";

/**
 * Data across threads: calls travel in arrays, one array for all that is called in one turn of the event
 * loop, so that a busy gateway pays for a message between threads once and not per call, and the append
 * service finds its batch waiting.
 */

/** What both ends need of a Worker, a MessagePort or a worker's own scope. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

type Request = [id: number, method: number, request: unknown];
type Answer = [id: number, result: unknown] | [id: number, null, failure: Failure];
interface Failure {
  code: string;
  message: string;
  details: ImError["details"];
}

/** Calls in flight at most; one more is `overloaded`. */
const MAX_IN_FLIGHT = 50_000;

/** Gathers what is posted in one turn of the event loop into one message. */
function batched<T>(port: Port): (item: T) => void {
  let batch: T[] = [];
  return (item) => {
    if (batch.push(item) > 1) return;
    setImmediate(() => {
      const full = batch;
      batch = [];
      port.postMessage(full);
    });
  };
}

/** The near end: a Data whose work is done behind the port. `fail` answers all that waits, for when it died. */
export function createPortData(port: Port): { data: Data; fail: (error: ImError) => void } {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: ImError) => void }>();
  const post = batched<Request>(port);
  let nextId = 1;
  let dead: ImError | null = null;
  port.addEventListener("message", ({ data: answers }: MessageEvent<Answer[]>) => {
    for (const [id, result, failure] of answers) {
      const call = waiting.get(id);
      waiting.delete(id);
      if (failure) call?.reject(toError(failure));
      else call?.resolve(result);
    }
  });
  const call = (method: number, request: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      if (dead) return reject(dead);
      if (waiting.size >= MAX_IN_FLIGHT) {
        return reject(new ImError("overloaded", undefined, { retryAfterMs: 500 }));
      }
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      post([id, method, request]);
    });
  const fail = (error: ImError) => {
    dead = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  return { data: proxyData(call), fail };
}

/** The far end: answers calls from `data`. `onFault` hears of errors that are bugs and not answers. */
export function servePortData(port: Port, data: Data, onFault: (error: unknown) => void): void {
  const calls = callTable(data);
  const post = batched<Answer>(port);
  port.addEventListener("message", ({ data: requests }: MessageEvent<Request[]>) => {
    for (const [id, method, request] of requests) {
      calls[method](request).then((result) => post([id, result]), (error) => {
        if (!(error instanceof ImError)) onFault(error);
        post([id, null, toFailure(error)]);
      });
    }
  });
}

function toFailure(error: unknown): Failure {
  if (!(error instanceof ImError)) return { code: "internal", message: "The server failed", details: {} };
  return { code: error.code, message: error.message, details: error.details };
}

function toError({ code, message, details }: Failure): ImError {
  return isErrorCode(code) ? new ImError(code, message, details) : new ImError("internal");
}
