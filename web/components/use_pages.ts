import { useEffect, useRef, useState } from "preact/hooks";

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface Pages<T> {
  readonly items: readonly T[];
  readonly state: "loading" | "ready" | "failed";
  readonly error: unknown;
  /** Reads the next page; undefined when there is none. */
  readonly more?: () => void;
  reload(): void;
}

/** How long one pauses in typing before what was typed is asked for. */
const PAUSE_MS = 200;

/**
 * A list that comes in pages. Read anew whenever one of `on` changes; what was there stays until the answer. A pause
 * is made only before the second reading, so that the first is not late.
 */
export function usePages<T>(
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  on: readonly unknown[],
): Pages<T> {
  const [page, setPage] = useState<Page<T>>({ items: [], nextCursor: null });
  const [state, setState] = useState<Pages<T>["state"]>("loading");
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const run = useRef(new AbortController());
  const latest = useRef(read);
  latest.current = read;
  const load = async (cursor?: string) => {
    const { signal } = run.current;
    try {
      const { items, nextCursor } = await latest.current(cursor, signal);
      if (signal.aborted) return;
      setPage((before) => ({
        items: cursor === undefined ? items : [...before.items, ...items],
        nextCursor,
      }));
      setState("ready");
      setError(null);
    } catch (problem) {
      if (signal.aborted) return;
      setError(problem);
      setState("failed");
    }
  };
  const isFirst = useRef(true);
  useEffect(() => {
    run.current = new AbortController();
    const timer = setTimeout(load, isFirst.current ? 0 : PAUSE_MS);
    isFirst.current = false;
    return () => {
      clearTimeout(timer);
      run.current.abort();
    };
  }, [...on, round]);
  const { items, nextCursor } = page;
  return {
    items,
    state,
    error,
    more: nextCursor === null ? undefined : () => void load(nextCursor),
    reload: () => setRound((before) => before + 1),
  };
}
