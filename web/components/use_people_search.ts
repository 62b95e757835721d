import { useEffect, useState } from "preact/hooks";
import type { User } from "../../sdk/mod.ts";
import { meet } from "../state/people.ts";
import { client } from "../state/server.ts";

export interface PeopleSearch {
  state: "searching" | "done" | "failed";
  users: User[];
  error?: unknown;
}

const PAUSE_MS = 250;

/** The people whose names begin with the query, asked for when the typing pauses. What is overtaken is aborted. */
export function usePeopleSearch(query: string): PeopleSearch {
  const [found, setFound] = useState<PeopleSearch>({ state: "searching", users: [] });
  useEffect(() => {
    if (query === "") return setFound({ state: "done", users: [] });
    const overtaken = new AbortController();
    setFound(({ users }) => ({ state: "searching", users }));
    const timer = setTimeout(async () => {
      try {
        const { users } = await client.call("user.search", { query }, { signal: overtaken.signal });
        meet(users);
        setFound({ state: "done", users });
      } catch (error) {
        if (!overtaken.signal.aborted) setFound({ state: "failed", users: [], error });
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      overtaken.abort();
    };
  }, [query]);
  return found;
}
