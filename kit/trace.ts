import { AsyncLocalStorage } from "node:async_hooks";

/** The trace that the work at hand belongs to (W3C Trace Context), from whoever asked to whatever is asked for it. */

const current = new AsyncLocalStorage<string | undefined>();

/** Version, trace id, parent id, flags; neither id is all zeros. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** The header of the work at hand; undefined where nobody traces it. */
export function currentTraceparent(): string | undefined {
  return current.getStore();
}

/** The 32 hex digits that all of its spans share. */
export function currentTraceId(): string | undefined {
  return current.getStore()?.slice(3, 35);
}

/** Runs something in the trace of this header; what is no such header is as good as none, and then it costs nothing. */
export function inTrace<T>(traceparent: unknown, run: () => T): T {
  return isTraceparent(traceparent) ? current.run(traceparent, run) : run();
}

/** The same for a header that is known to be one; undefined: in no trace. */
export function runIn<T>(traceparent: string | undefined, run: () => T): T {
  return current.run(traceparent, run);
}

export function isTraceparent(value: unknown): value is string {
  return typeof value === "string" && TRACEPARENT.test(value);
}
