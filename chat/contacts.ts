import type { Data } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import { ImError } from "../wire/mod.ts";
import type { HandlersOf } from "./handlers.ts";
import { findPeople } from "./people.ts";
import { presentSelf, presentUser } from "./present.ts";

/** Finding people. */
export function createContacts({ data }: { data: Data }): HandlersOf<"user"> {
  async function one(id: number) {
    const user = (await findPeople(data, [id])).get(id);
    if (!user) throw new ImError("user_not_found");
    return user;
  }

  return {
    "user.me": async ({ userId }) => presentSelf(await one(userId)),
    "user.get": async (_caller, { userId }) => presentUser(await one(Number(userId))),
    "user.search": async (caller, { query, limit }) => {
      const { users } = await data.users.search({ query: foldName(query), limit, askerId: caller.userId });
      return { users: users.map(presentUser) };
    },
  };
}
