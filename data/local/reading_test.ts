import assert from "node:assert/strict";
import { createIds } from "../../kit/ids.ts";
import type { Row, Storage, Value } from "../sql/driver.ts";
import { migrate } from "../sql/migrate.ts";
import { openSqlite } from "../sql/sqlite.ts";
import { createLocalData } from "./mod.ts";

/** A storage that keeps the plan of every statement that looks at entries. */
function planning(storage: Storage): { storage: Storage; plans: string[] } {
  const plans: string[] = [];
  const all = async <R extends Row>(sql: string, params: readonly Value[] = []): Promise<R[]> => {
    if (sql.includes("FROM entries")) {
      const rows = await storage.all<Row & { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
      plans.push(rows.map(({ detail }) => detail).join("; "));
    }
    return await storage.all<R>(sql, params);
  };
  return { storage: { ...storage, all }, plans };
}

Deno.test("a page of a log is one range of its primary key, from its place on, however long the log is", async () => {
  const opened = openSqlite(":memory:");
  await migrate(opened);
  const { storage, plans } = planning(opened);
  const data = createLocalData(storage, { now: () => 1, nextId: createIds(() => 1) });
  const user = (name: string) => {
    const names = { username: name, usernameKey: name, displayName: name, displayKey: name };
    return data.users.create({ ...names, passwordHash: "" });
  };
  const [ann, bob] = [await user("ann"), await user("bob")];
  const { conversation } = await data.conversations.openDirect({ userId: ann.id, otherId: bob.id });
  const place = { conversationId: conversation!.id, userId: ann.id, limit: 10 };
  const reads: [() => Promise<unknown>, string][] = [
    [() => data.log.read({ ...place, after: 5 }), "conversation_id=? AND seq>? AND seq<?"],
    [() => data.log.read({ ...place, after: 0, before: 9 }), "conversation_id=? AND seq>? AND seq<?"],
    [() => data.log.history({ ...place, before: 9 }), "conversation_id=? AND seq>? AND seq<?"],
    [() => data.inboxes.read({ userId: ann.id, after: 0, limit: 10 }), "conversation_id=? AND seq>?"],
    [
      () => data.log.tail({ logId: place.conversationId, after: 5, limit: 10 }),
      "conversation_id=? AND seq>?",
    ],
  ];
  for (const [read, range] of reads) {
    plans.length = 0;
    await read();
    assert.equal(plans.length, 1);
    assert.ok(plans[0].startsWith(`SEARCH entries USING PRIMARY KEY (${range})`), plans[0]);
    assert.doesNotMatch(plans[0], /SCAN entries|TEMP B-TREE/);
  }
  await opened.close();
});
