import type { Data, User } from "../data/service.ts";

/** Reads users by id, each once; the answer finds them. */
export async function findPeople(data: Data, ids: Iterable<number>): Promise<Map<number, User>> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return new Map();
  const { users } = await data.users.get({ ids: wanted });
  return new Map(users.map((user) => [user.id, user]));
}
