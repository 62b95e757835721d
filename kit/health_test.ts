import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createHealthServer } from "./health.ts";

/** Asks a server whose readiness is `ready` and answers status and body. */
async function ask(ready: () => Promise<string | null>, path: string, method = "GET") {
  const server = createHealthServer(ready);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const headers = { connection: "close" };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
    assert.equal(answer.headers.get("content-type"), "application/json");
    const text = await answer.text();
    return [answer.status, text === "" ? null : JSON.parse(text)];
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

const yes = () => Promise.resolve(null);
const no = () => Promise.resolve("starting");
const broken = () => Promise.reject(new Error("the disk is gone"));

Deno.test("/healthz: the process lives, ready or not", async () => {
  for (const ready of [yes, no, broken]) {
    assert.deepEqual(await ask(ready, "/healthz"), [200, { status: "ok" }]);
  }
});

Deno.test("/readyz: 200, or 503 and why not, also when asking fails", async () => {
  assert.deepEqual(await ask(yes, "/readyz?x"), [200, { status: "ok" }]);
  assert.deepEqual(await ask(no, "/readyz"), [503, { status: "unavailable", reason: "starting" }]);
  const failed = { status: "unavailable", reason: "the disk is gone" };
  assert.deepEqual(await ask(broken, "/readyz"), [503, failed]);
  assert.deepEqual(await ask(no, "/readyz", "HEAD"), [503, null]);
});

Deno.test("anything else is not there", async () => {
  assert.deepEqual(await ask(yes, "/"), [404, { status: "not found" }]);
  assert.deepEqual(await ask(yes, "/readyz", "POST"), [405, { status: "method not allowed" }]);
});

Deno.test("/metrics: what there is to tell, as text, ready or not", async () => {
  const server = createHealthServer(no, () => "a 1\n");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: "close" } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(await answer.text(), "a 1\n");
  await new Promise((resolve) => server.close(resolve));
});
