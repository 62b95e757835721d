import { useEffect, useRef, useState } from "preact/hooks";

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface Pages<T> {
  items: readonly T[];
  state: "loading" | "ready" | "failed";
  error: unknown;
  hasMore: boolean;
  /** Loads the next page, or again what failed. */
  more(): void;
  /** Begins anew; what is shown stays until there is something else. */
  reload(): void;
}

interface State<T> extends Pick<Pages<T>, "items" | "state" | "error"> {
  cursor: string | null;
}

/** A list that comes in pages. `key` says what is asked for: another one begins anew, and what is overtaken is dropped. */
export function usePages<T>(load: (cursor?: string) => Promise<Page<T>>, key: string): Pages<T> {
  const [shown, setShown] = useState<State<T>>({ items: [], state: "loading", error: null, cursor: null });
  const turn = useRef(0);

  async function fetch(before: readonly T[], cursor: string | null): Promise<void> {
    const mine = ++turn.current;
    setShown((last) => ({ ...last, state: "loading", error: null }));
    try {
      const { items, nextCursor } = await load(cursor ?? undefined);
      if (mine === turn.current) {
        setShown({ items: [...before, ...items], state: "ready", error: null, cursor: nextCursor });
      }
    } catch (error) {
      if (mine === turn.current) setShown((last) => ({ ...last, state: "failed", error }));
    }
  }

  useEffect(() => {
    setShown({ items: [], state: "loading", error: null, cursor: null });
    void fetch([], null);
    return () => void turn.current++;
  }, [key]);

  return {
    ...shown,
    hasMore: shown.cursor !== null,
    more: () => void fetch(shown.items, shown.cursor),
    reload: () => void fetch([], null),
  };
}

const PAUSE_MS = 250;

/** A value that is being typed, once the typing pauses. */
export function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
