import type { Data } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import type { Handlers } from "./handlers.ts";
import { presentUser } from "./present.ts";

/** Finding people. */
export function createContacts({ data }: { data: Data }): Handlers<"user.search"> {
  return {
    "user.search": async (caller, { query, limit }) => {
      const { users } = await data.users.search({ query: foldName(query), limit, askerId: caller.userId });
      return { users: users.map(presentUser) };
    },
  };
}
