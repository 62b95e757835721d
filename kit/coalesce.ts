/**
 * One run for many askers, and never one that began before they asked: who comes while it runs shares the next one
 * with all others who do. At most one runs at a time.
 */
export function coalesced<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  let next: Promise<T> | null = null;

  function begin(): Promise<T> {
    next = null;
    const mine = run().finally(() => {
      if (running === mine) running = null;
    });
    return running = mine;
  }

  return () => {
    if (next !== null) return next;
    if (running === null) return begin();
    return next = running.then(begin, begin);
  };
}
