/**
 * Calls back when a browser says that trying again may help now: the network came back, or the person looks
 * at the page again. Elsewhere nothing says so, and nothing happens. Returns the function that stops it.
 */
export function onWake(handler: () => void): () => void {
  if (typeof document === "undefined") return () => {};
  const stop = new AbortController();
  addEventListener("online", handler, { signal: stop.signal });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") handler();
  }, { signal: stop.signal });
  return () => stop.abort();
}
