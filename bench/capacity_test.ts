import assert from "node:assert/strict";
import { capacity, capacityTable, MEASURED } from "./capacity.ts";

/** Without the spaces that align a table. */
const squeezed = (table: string) => table.replaceAll(/ *\| */g, "|").replaceAll(/-+:?/g, "-");

Deno.test("docs/scaling.md has the table that the model gives", async () => {
  const doc = await Deno.readTextFile(new URL("../docs/scaling.md", import.meta.url));
  assert.ok(squeezed(doc).includes(squeezed(capacityTable())), `it should be:\n${capacityTable()}`);
  assert.ok(doc.includes(`${MEASURED.kibPerConnection} KiB`));
});

Deno.test("capacity: twice the people need twice of what grows with them, and never less than two gateways", () => {
  const [one, two] = [capacity(5_000_000), capacity(10_000_000)];
  assert.equal(two.messagesPerSecond, one.messagesPerSecond * 2);
  assert.ok(Math.abs(two.gateways - one.gateways * 2) <= 1);
  assert.equal(capacity(10).gateways, 2);
});
