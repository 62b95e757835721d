/** Waits for it, but no longer than until the signal aborts: then rejects with its reason. The work goes on. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
    // Listened to even when nobody waits any more, so that its failure is not an unhandled one.
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
