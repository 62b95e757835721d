import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { register, Wire } from "../support/people.ts";
import { Line, upgradeRequest } from "../support/raw.ts";
import { residentBytes, startProcess, tempFolder } from "../support/server.ts";

/** Fewer where a process may not have so many files open. */
const SOCKETS = Number(Deno.env.get("IMSERVER_HALF_OPEN") ?? 10_000);
const AT_ONCE = 200;
/** The server gives headers 10 s and looks every 5 s; the rest is for a machine that is busy. */
const SHED_WITHIN_MS = 40_000;
const MAY_GROW_BYTES = 600 * 1024 * 1024;

Deno.test("10,000 sockets that stay half open are shed in time, and whoever is in earnest gets in meanwhile", async () => {
  using data = tempFolder();
  await using server = await startProcess({
    dataDir: data.path,
    args: ["--rate-limit-scale=0", "--max-connects-per-second=0"],
  });
  const { url } = server;
  const before = await residentBytes(server.pid);
  const whole = upgradeRequest(url);
  const halves = ["", "GET /api/v1/ws HTTP/1.1\r\nhost: x\r\nx: ", whole.slice(0, -2), whole.slice(0, 40)];
  const lines: { line: Line; ended: Promise<number> }[] = [];
  for (let from = 0; from < SOCKETS; from += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, async (_, i) => {
      const line = await Line.open(url);
      await line.write(halves[i % halves.length]);
      const at = performance.now();
      lines.push({ line, ended: line.readRest().then(() => performance.now() - at) });
    }));
  }
  const from = performance.now();
  const ann = await register(url);
  const wire = await Wire.open(url, ann.accessToken);
  assert.equal((await wire.call("user.me", {})).id, ann.id);
  const inMs = performance.now() - from;
  assert.ok(inMs < 5_000, `a person got in after ${inMs} ms`);
  const late = new AbortController();
  const took = await Promise.race([
    Promise.all(lines.map(({ ended }) => ended)),
    delay(SHED_WITHIN_MS, null, { signal: late.signal }),
  ]);
  late.abort();
  for (const { line } of lines) line[Symbol.dispose]();
  assert.ok(took, `not all were shed within ${SHED_WITHIN_MS} ms`);
  assert.equal((await wire.call("user.me", {})).id, ann.id, "who was there stays");
  wire.socket.terminate();
  const grown = await residentBytes(server.pid) - before;
  assert.ok(grown < MAY_GROW_BYTES, `it grew by ${grown} bytes`);
  const longest = Math.max(...took.map((ms) => Math.round(ms)));
  console.log(
    `  ${took.length} shed within ${longest} ms; in between a person got in after ${Math.round(inMs)} ms`,
  );
});
