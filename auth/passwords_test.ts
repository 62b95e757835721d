import assert from "node:assert/strict";
import { ImError } from "../wire/errors.ts";
import { inlinePasswords, openPasswords, type PasswordOptions } from "./passwords.ts";

// Off by default since Deno 2.8; here a timer, a file or a worker left behind is a fault.
Deno.test.sanitizer({ ops: true, resources: true });

/** Makes a pool over one of the workers in testdata and counts how many were started and ended. */
function open(file: string, name: string, options: Partial<PasswordOptions> = {}) {
  let [spawned, ended] = [0, 0];
  const spawn = () => {
    spawned++;
    const worker = new Worker(new URL(`./testdata/${file}`, import.meta.url), { type: "module", name });
    const terminate = worker.terminate.bind(worker);
    worker.terminate = () => {
      ended++;
      terminate();
    };
    return worker;
  };
  const passwords = openPasswords({ spawn, ...options });
  return { passwords, spawned: () => spawned, ended: () => ended, [Symbol.dispose]: () => passwords.close() };
}

function withCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ImError && error.code === code;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("openPasswords: hashes and verifies; no worker before the first call", async () => {
  using pool = open("worker.ts", "cheap");
  assert.equal(pool.spawned(), 0);
  const hash = await pool.passwords.hash("secret");
  assert.equal(await pool.passwords.verify(hash, "secret"), true);
  assert.equal(await pool.passwords.verify(hash, "other"), false);
  assert.equal(await pool.passwords.verify(hash, ""), false);
  assert.equal(await pool.passwords.verify(null, "secret"), false);
  assert.equal(pool.spawned(), 1);
});

Deno.test("openPasswords: the caller's thread runs on while a real hash is made", async () => {
  using pool = open("worker.ts", "passwords");
  await pool.passwords.hash("warm up");
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const hash = await pool.passwords.hash("secret");
  clearInterval(timer);
  assert.match(hash, /\$m=19456,t=2,p=1\$/);
  assert.ok(turns >= 5, `${turns} turns of the event loop`);
});

Deno.test("openPasswords: one job too many is refused with overloaded, the others are done", async () => {
  using pool = open("worker.ts", "cheap", { maxQueue: 2 });
  const jobs = [1, 2, 3].map((n) => pool.passwords.hash(`secret ${n}`));
  await assert.rejects(pool.passwords.hash("fourth"), (error: unknown) => {
    assert.ok(withCode("overloaded")(error));
    assert.deepEqual((error as ImError).details, { retryAfterMs: 1000 });
    return true;
  });
  await assert.rejects(pool.passwords.verify(null, "fifth"), withCode("overloaded"));
  assert.equal(new Set(await Promise.all(jobs)).size, 3);
  assert.ok(await pool.passwords.hash("there is room again"));
});

Deno.test("openPasswords: answers come back to whoever asked, over several workers", async () => {
  using pool = open("worker.ts", "cheap", { workers: 2 });
  const names = Array.from({ length: 20 }, (_, n) => `secret ${n}`);
  const hashes = await Promise.all(names.map((name) => pool.passwords.hash(name)));
  const own = await Promise.all(hashes.map((hash, n) => pool.passwords.verify(hash, names[n])));
  const others = await Promise.all(hashes.map((hash, n) => pool.passwords.verify(hash, names[n + 1] ?? "x")));
  assert.ok(own.every((matches) => matches));
  assert.ok(others.every((matches) => !matches));
  assert.equal(pool.spawned(), 2);
});

Deno.test("openPasswords: an idle worker is ended and another started when needed", async () => {
  using pool = open("worker.ts", "cheap", { idleMs: 20 });
  await pool.passwords.hash("secret");
  await pool.passwords.hash("secret");
  assert.equal(pool.spawned(), 1);
  assert.equal(pool.ended(), 0);
  await sleep(200);
  assert.equal(pool.ended(), 1);
  await pool.passwords.hash("secret");
  assert.equal(pool.spawned(), 2);
});

Deno.test("openPasswords: a worker that dies rejects its job only, and is replaced", async () => {
  let spawned = 0;
  const passwords = openPasswords({
    spawn: () => {
      const file = spawned++ === 0 ? "throwing_worker.ts" : "worker.ts";
      return new Worker(new URL(`./testdata/${file}`, import.meta.url), { type: "module", name: "cheap" });
    },
  });
  try {
    const first = passwords.hash("first");
    const second = passwords.hash("second");
    await assert.rejects(first, (error: unknown) => {
      assert.ok(withCode("internal")(error));
      assert.match(String((error as ImError).cause), /boom/);
      assert.doesNotMatch((error as ImError).message, /boom/);
      return true;
    });
    assert.equal(await passwords.verify(await second, "second"), true);
    assert.equal(spawned, 2);
  } finally {
    passwords.close();
  }
});

Deno.test("openPasswords: a worker that leaves without a word is given up after jobTimeoutMs", async () => {
  using pool = open("leaving_worker.ts", "x", { jobTimeoutMs: 300 });
  await assert.rejects(pool.passwords.hash("secret"), withCode("internal"));
  assert.equal(pool.ended(), 1);
});

Deno.test("openPasswords: a worker that cannot start rejects every waiting job", async () => {
  using stillborn = open("stillborn_worker.ts", "x");
  const jobs = [1, 2, 3].map((n) => stillborn.passwords.hash(`secret ${n}`));
  for (const job of jobs) await assert.rejects(job, withCode("internal"));
  const passwords = openPasswords({
    spawn: () => {
      throw new Error("no threads left");
    },
  });
  await assert.rejects(passwords.hash("secret"), withCode("internal"));
});

Deno.test("openPasswords: a damaged stored hash is internal and costs no worker", async () => {
  using pool = open("worker.ts", "cheap");
  await assert.rejects(pool.passwords.verify("plain text", "secret"), withCode("internal"));
  assert.ok(await pool.passwords.hash("secret"));
  assert.equal(pool.spawned(), 1);
});

Deno.test("openPasswords: close rejects what runs, what waits and what comes later", async () => {
  using pool = open("worker.ts", "cheap");
  const jobs = [pool.passwords.hash("runs"), pool.passwords.hash("waits")];
  pool.passwords.close();
  for (const job of jobs) await assert.rejects(job, withCode("unavailable"));
  await assert.rejects(pool.passwords.hash("late"), withCode("unavailable"));
  assert.equal(pool.spawned(), 1);
  assert.equal(pool.ended(), 1);
});

Deno.test("passwords: an empty password cannot be set", async () => {
  using pool = open("worker.ts", "cheap");
  await assert.rejects(pool.passwords.hash(""), withCode("password_invalid"));
  await assert.rejects(inlinePasswords().hash(""), withCode("password_invalid"));
});

Deno.test("inlinePasswords: hashes at the cost asked for", async () => {
  const passwords = inlinePasswords({ memoryKiB: 64, iterations: 1 });
  const hash = await passwords.hash("secret");
  assert.match(hash, /\$m=64,t=1,p=1\$/);
  assert.equal(await passwords.verify(hash, "secret"), true);
  assert.equal(await passwords.verify(hash, "other"), false);
  await assert.rejects(passwords.verify("plain text", "secret"), withCode("internal"));
});

Deno.test("inlinePasswords: nobody's password takes as long as somebody's", async () => {
  const passwords = inlinePasswords();
  const hash = await passwords.hash("secret");
  const time = async (stored: string | null) => {
    const start = performance.now();
    assert.equal(await passwords.verify(stored, "wrong"), false);
    return performance.now() - start;
  };
  const [nobody, somebody]: [number[], number[]] = [[], []];
  for (let i = 0; i < 6; i++) {
    nobody.push(await time(null));
    somebody.push(await time(hash));
  }
  // Taken in turns, and the least of each: what else the machine does only adds.
  const ratio = Math.min(...nobody) / Math.min(...somebody);
  assert.ok(ratio > 0.4 && ratio < 2.5, `ratio ${ratio}`);
});
