import assert from "node:assert/strict";
import { foldName } from "../../kit/fold.ts";
import { migrate } from "../sql/migrate.ts";
import { openSqlite } from "../sql/sqlite.ts";
import { createLocalData } from "./mod.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** A Data whose ids are dealt from this list, as if another process had taken some of them before. */
async function openData(ids: number[]) {
  const storage = openSqlite(":memory:");
  await migrate(storage);
  const data = createLocalData(storage, { now: () => 1_800_000_000_000, nextId: () => ids.shift()! });
  const user = async (name: string) => {
    const key = foldName(name);
    const names = { username: name, usernameKey: key, displayName: name, displayKey: key };
    return (await data.users.create({ ...names, passwordHash: "hash" })).id;
  };
  return { data, user, close: () => storage.close() };
}

Deno.test("ids: one that is taken is passed over by users, groups and direct conversations", async () => {
  const { data, user, close } = await openData([1, 1, 2, 2, 3, 50, 50, 51, 51, 52, 52, 53]);
  assert.deepEqual([await user("ann"), await user("bob"), await user("carl")], [1, 2, 3]);
  const group = () => data.conversations.createGroup({ ownerId: 1, title: "", memberIds: [2] });
  const direct = (otherId: number) => data.conversations.openDirect({ userId: 1, otherId });
  const ids = [await group(), await group(), await direct(2), await direct(3)]
    .map(({ conversation }) => conversation!.id);
  assert.deepEqual(ids, [50, 51, 52, 53]);
  assert.deepEqual(
    (await data.conversations.listening({ userId: 2 })).groups.map((group) => group.conversationId).sort(),
    [50, 51],
  );
  await close();
});
