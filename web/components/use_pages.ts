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

/** How long one pauses in typing, or a group in changing, before it is asked for. */
const PAUSE_MS = 200;
/** Of what was open, so many pages are read again at most. */
const MOST_AGAIN = 10;

/**
 * A list that comes in pages. With another `key` it is another list and begins anew; with another `version` the same is
 * read again as far as it was open. What was there stays until the answer.
 */
export function usePages<T>(
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  key: string,
  version: number = 0,
): Pages<T> {
  const [page, setPage] = useState<Page<T>>({ items: [], nextCursor: null });
  const [state, setState] = useState<Pages<T>["state"]>("loading");
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const run = useRef(new AbortController());
  const latest = useRef(read);
  latest.current = read;
  const shownKey = useRef<string | null>(null);

  const attempt = async (work: (signal: AbortSignal) => Promise<Page<T>>) => {
    const { signal } = run.current;
    try {
      const next = await work(signal);
      if (signal.aborted) return;
      shownKey.current = key;
      setPage(next);
      setState("ready");
      setError(null);
    } catch (problem) {
      if (signal.aborted) return;
      setError(problem);
      setState("failed");
    }
  };
  const load = () =>
    attempt((signal) =>
      readAgain((cursor) => latest.current(cursor, signal), shownKey.current === key ? page.items.length : 0)
    );
  const more = (cursor: string) =>
    attempt(async (signal) => {
      const { items, nextCursor } = await latest.current(cursor, signal);
      return { items: [...page.items, ...items], nextCursor };
    });

  useEffect(() => {
    run.current = new AbortController();
    // Only what is asked for again may wait.
    const timer = setTimeout(load, shownKey.current === null ? 0 : PAUSE_MS);
    return () => {
      clearTimeout(timer);
      run.current.abort();
    };
  }, [key, version, round]);
  const { items, nextCursor } = page;
  return {
    items,
    state,
    error,
    more: nextCursor === null ? undefined : () => void more(nextCursor),
    reload: () => setRound((before) => before + 1),
  };
}

/** From the beginning until there are as many as before. */
export async function readAgain<T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
  before: number,
): Promise<Page<T>> {
  let all = await read(undefined);
  for (let pages = 1; all.nextCursor !== null && all.items.length < before && pages < MOST_AGAIN; pages++) {
    const { items, nextCursor } = await read(all.nextCursor);
    all = { items: [...all.items, ...items], nextCursor };
  }
  return all;
}
