import assert from "node:assert/strict";
import { friends } from "../../migrations/0005_friends.ts";
import { first } from "../../migrations/0001_first.ts";
import { createRelations } from "../../data/local/relations.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { RelationState as State } from "../../data/service.ts";

/** Relations and memberships of an older server, written as it wrote them. */
const OLD = `
  INSERT INTO heads VALUES (1, 5, 0, 0, 0), (2, 0, 0, 0, 0), (3, 0, 0, 0, 0);
  INSERT INTO relations (user_id, other_id, state, at) VALUES (1, 2, 3, 7), (2, 1, 3, 7), (1, 3, 4, 8);
  INSERT INTO conversations VALUES (10, 0, '', 1, 2, 2, 0), (11, 0, '', 1, 3, 2, 0), (12, 1, 'g', 0, 0, 2, 0);
  INSERT INTO members VALUES (10, 1, 0, 1, 0, 1, NULL, 0), (10, 2, 0, 1, 0, 1, NULL, 0),
    (11, 1, 0, 1, 0, 1, NULL, 0), (11, 3, 0, 0, 0, 1, NULL, 0), (12, 1, 0, 1, 0, 1, NULL, 1), (12, 3, 0, 1, 0, 1, NULL, 1);`;

Deno.test("an older server's relations are synced, and its direct conversations know who is a friend", async () => {
  const db = openSqlite(":memory:");
  await db.script(first.sqlite.join(";"));
  await db.script(OLD);
  await db.script(friends.sqlite.join(";"));
  const members = await db.all("SELECT conversation_id, user_id, can_send FROM members ORDER BY 1, 2");
  assert.deepEqual(members.map((row) => Object.values(row)), [
    [10, 1, 1],
    [10, 2, 1],
    [11, 1, 2],
    [11, 3, 0],
    [12, 1, 1],
    [12, 3, 1],
  ]);
  const relations = createRelations(db, { now: () => 9, nextId: () => 99 });
  const page = await relations.sync({ userId: 1, since: 0, limit: 1, resumed: false });
  assert.deepEqual([page.relations[0].otherId, page.more, page.full], [3, true, true]);
  const since = page.relations[0].version;
  const rest = await relations.sync({ userId: 1, since, limit: 9, resumed: true });
  assert.deepEqual(rest.relations.map(({ otherId, state }) => [otherId, state]), [[
    2,
    State.RELATION_FRIENDS,
  ]]);
  assert.equal(rest.version, 5);
  await db.close();
});
