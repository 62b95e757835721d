import assert from "node:assert/strict";
import { type Operation, type OperationName, operations } from "../../wire/operations.ts";
import { ask, doorsOf } from "./ask.ts";
import { casesOf } from "./row.ts";
import { rows } from "./rows.ts";
import { openScene } from "./scene.ts";

/** Who looks asks every few seconds; that is one line in ten minutes. */
const QUIET: readonly OperationName[] = ["admin.figures"];

Deno.test("every call of every operation for admins leaves one line with its name; a refused one leaves none", async () => {
  await using scene = await openScene();
  const { boss, call, actors: { serverAdmin, stranger } } = scene;
  const linesOf = async (act: string) => {
    const { lines } = await call(boss, "admin.audit", { limit: 50 });
    return lines.filter((line) => line.act === act && line.adminId !== boss.id);
  };
  for (const [name, operation] of Object.entries(operations) as [OperationName, Operation][]) {
    if (operation.access !== "admin") continue;
    const [one] = casesOf(rows[name]);
    for (const actor of [serverAdmin, stranger]) {
      for (const door of doorsOf(actor)) {
        const input = await one.input(scene, actor);
        const before = (await linesOf(name)).length;
        const { code } = await ask(scene.url, door, actor, name, input);
        assert.equal(code, actor === serverAdmin ? "ok" : "forbidden");
        const after = await linesOf(name);
        const added = actor === serverAdmin && (before === 0 || !QUIET.includes(name)) ? 1 : 0;
        assert.equal(after.length - before, added, `${name} over ${door}`);
        assert.ok(after.every(({ adminId }) => adminId === serverAdmin.id));
      }
    }
  }
});
