import { useEffect, useState } from "preact/hooks";
import type { User } from "../../sdk/mod.ts";
import { meet } from "../state/people.ts";
import { withState } from "../state/relations.ts";
import { client } from "../state/server.ts";

export interface PeopleSearch {
  state: "searching" | "done" | "failed";
  users: User[];
  error?: unknown;
}

const PAUSE_MS = 250;

/** Friends by what one calls them oneself, which the server does not search. */
function friendsCalled(query: string): User[] {
  const wanted = query.toLocaleLowerCase();
  return withState("friends")
    .filter(({ remark }) => remark?.toLocaleLowerCase().startsWith(wanted))
    .map(({ user }) => user);
}

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
        const ids = new Set(users.map(({ id }) => id));
        const remarked = friendsCalled(query).filter(({ id }) => !ids.has(id));
        setFound({ state: "done", users: [...remarked, ...users] });
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
