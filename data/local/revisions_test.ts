import assert from "node:assert/strict";
import { createIds } from "../../kit/ids.ts";
import { migrate } from "../sql/migrate.ts";
import { openSqlite } from "../sql/sqlite.ts";
import { createLocalData } from "./mod.ts";
import { noteRevised, readRevised } from "./revisions.ts";

/** Columns of users that no `User` shows. Whoever adds one that is not shown either names it here. */
const UNSEEN = ["last_seen_at", "password_hash", "display_key", "username_key", "disabled_at", "closed_at"];

/** Files with more statements that change what is seen of users, or delete them, than calls of noteRevised. */
function forgetful(sources: { name: string; text: string }[]): string[] {
  return sources.filter(({ text }) => {
    const deleted = text.matchAll(/DELETE FROM users\b/g);
    const changed = [...text.matchAll(/UPDATE users SET ([^]*?)(?:WHERE|["`])/g)].filter(([, changes]) => {
      const columns = [...changes.matchAll(/([a-z_]+) =/g)].map(([, column]) => column);
      return columns.some((column) => !UNSEEN.includes(column));
    });
    return [...deleted, ...changed].length > [...text.matchAll(/\bnoteRevised\(/g)].length;
  }).map(({ name }) => name);
}

Deno.test("revisions: whatever changes what is seen of a user gives them a new revision", () => {
  const sources = [...Deno.readDirSync(import.meta.dirname!)]
    .filter(({ name }) => name.endsWith(".ts") && !name.endsWith("_test.ts"))
    .map(({ name }) => ({ name, text: Deno.readTextFileSync(`${import.meta.dirname}/${name}`) }));
  assert.ok(sources.some(({ text }) => /UPDATE users SET/.test(text)), "the statements are found");
  assert.deepEqual(forgetful(sources), []);
});

Deno.test("revisions, the rule can fail", () => {
  const of = (text: string) => forgetful([{ name: "a.ts", text }]);
  assert.deepEqual(of('tx.run("UPDATE users SET display_name = ?, display_key = ? WHERE id = ?")'), ["a.ts"]);
  assert.deepEqual(of("tx.run(`UPDATE users SET last_seen_at = ?,\n role = 1 WHERE id = ?`)"), ["a.ts"]);
  assert.deepEqual(of('tx.run("DELETE FROM users WHERE id = ?")'), ["a.ts"]);
  assert.deepEqual(of('tx.run("UPDATE users SET display_name = ? WHERE id = ?"); noteRevised(tx, [1])'), []);
  assert.deepEqual(of('"UPDATE users SET role = 1 WHERE"; "DELETE FROM users"; noteRevised(tx, [1])'), [
    "a.ts",
  ]);
  assert.deepEqual(of('tx.run("UPDATE users SET last_seen_at = ? WHERE id = ?")'), []);
});

Deno.test("revisions: each change has the next number; a look says who was changed since", async () => {
  const storage = openSqlite(":memory:");
  await migrate(storage);
  const change = (...ids: number[]) => storage.transaction((tx) => noteRevised(tx, ids));
  const { store } = await readRevised(storage, -1);
  assert.match(store, /^[0-9a-f]{16}\.1$/);
  await change(11, 12, 11);
  await change(13);
  await change();
  await change(11);
  const look = async (since: number) => {
    const { revision, users } = await readRevised(storage, since);
    return [revision, users.map(({ id, revision }) => [id, revision])];
  };
  assert.deepEqual(await look(-1), [3, [[12, 1], [13, 2], [11, 3]]]);
  assert.deepEqual(await look(2), [3, [[11, 3]]]);
  assert.deepEqual(await look(3), [3, []]);
  await storage.transaction((tx) => noteRevised(tx, [12]).then(() => Promise.reject(new Error("no"))))
    .catch(() => {});
  assert.deepEqual(await look(3), [3, []], "what was rolled back was no change");
  await createLocalData(storage, { now: Date.now, nextId: createIds(Date.now) }).log.epoch({ raise: true });
  assert.equal((await readRevised(storage, -1)).store, store.replace(".1", ".2"));
  await storage.close();
});
