import assert from "node:assert/strict";
import { ImError } from "../../wire/errors.ts";
import type { Storage } from "./driver.ts";
import { guarded } from "./guarded.ts";
import { openSqlite } from "./sqlite.ts";

const away = () => Promise.reject(new ImError("unavailable", "away"));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function stage() {
  const real = openSqlite(":memory:");
  let asked = 0;
  let broken = true;
  const ask = <T>(call: () => Promise<T>): Promise<T> => {
    asked++;
    return broken ? away() : call();
  };
  const storage: Storage = {
    ...real,
    all: (sql, params) => ask(() => real.all(sql, params)),
    transaction: (work) => ask(() => real.transaction(work)),
  };
  const states: string[] = [];
  const guard = guarded(storage, { failures: 3, restMs: 50, onState: (state) => states.push(state) });
  return { guard, states, asked: () => asked, mend: () => broken = false, close: () => real.close() };
}

Deno.test("breaker: after some failures nobody waits for the database any more; one tries now and then; then all is well", async () => {
  const { guard, states, asked, mend, close } = stage();
  for (let i = 0; i < 10; i++) {
    await assert.rejects(guard.all("SELECT 1"), (error: ImError) => error.code === "unavailable");
  }
  assert.equal(asked(), 3);
  await assert.rejects(guard.transaction(() => Promise.resolve()), (error: ImError) => {
    assert.equal(error.details.retryAfterMs, 50);
    return true;
  });
  await pause(60);
  await assert.rejects(guard.all("SELECT 1"));
  assert.equal(asked(), 4, "one has tried");
  mend();
  await pause(60);
  assert.equal((await guard.all("SELECT 1 AS one"))[0].one, 1);
  assert.equal(await guard.transaction(() => Promise.resolve("done")), "done");
  assert.deepEqual(states, ["open", "half-open", "open", "half-open", "closed"]);
  await close();
});

Deno.test("breaker: what a transaction's work throws, and a wrong statement, do not open it", async () => {
  const { guard, mend, states, close } = stage();
  mend();
  for (let i = 0; i < 10; i++) {
    await assert.rejects(guard.transaction(() => Promise.reject(new ImError("forbidden"))));
    await assert.rejects(guard.all("not SQL"));
  }
  assert.deepEqual(states, []);
  await close();
});
