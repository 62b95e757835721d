import assert from "node:assert/strict";
import { RawSocket } from "../support/raw.ts";
import { type Person, register, rest, routeOf, Wire } from "../support/people.ts";
import { startServer, tempFolder } from "../support/server.ts";
import { type Input, type OperationName, operations } from "../../wire/operations.ts";

/** A fiftieth of the usual: 20 sends at once, then one a second; 12 calls without a session, then one in 5 s. */
const TIGHT = ["--rate-limit-scale", "0.02"];

/** One operation over REST, with all that the answer says. */
async function ask<N extends OperationName>(url: string, name: N, input: Input<N>, token?: string) {
  const { path, body } = routeOf(operations[name], input);
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const response = await fetch(`${url}/api/v1${path}`, { method: operations[name].method, headers, body });
  const said = await response.json();
  return { status: response.status, headers: response.headers, said };
}

async function pairOn(url: string): Promise<{ ann: Person; send: (n: number) => Input<"message.send"> }> {
  const [ann, bob] = [await register(url), await register(url)];
  const { id } = await rest(url, "conversation.openDirect", { userId: bob.id }, ann.accessToken);
  const content = { type: "text", text: "hello" } as const;
  return { ann, send: (n) => ({ conversationId: id, clientId: `c${n}`, content }) };
}

Deno.test("rate limits: both doors count together, say so, and let through again when they said they would", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, args: TIGHT });
  const { url } = server;
  const { ann, send } = await pairOn(url);
  const first = await ask(url, "message.send", send(0), ann.accessToken);
  assert.equal(first.status, 200);
  assert.equal(first.headers.get("ratelimit-policy"), '"send";q=20;w=20');
  assert.equal(first.headers.get("ratelimit"), '"send";r=19;t=1');

  const wire = await Wire.open(url, ann.accessToken);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 30 }, (_, i) => wire.call("message.send", send(i + 1))),
  );
  const refused = outcomes.filter((one) => one.status === "rejected").map(({ reason }) => reason.code);
  assert.ok(refused.length >= 9 && refused.length <= 11, `${refused.length} of 30`);
  assert.deepEqual(new Set(refused), new Set(["rate_limited"]));

  const late = await ask(url, "message.send", send(99), ann.accessToken);
  assert.equal(late.status, 429);
  assert.equal(late.said.code, "rate_limited");
  assert.match(late.headers.get("ratelimit")!, /^"send";r=0;t=(19|20)$/);
  assert.equal(late.headers.get("retry-after"), String(Math.ceil(late.said.retryAfterMs / 1000)));
  assert.ok(late.said.retryAfterMs > 0 && late.said.retryAfterMs <= 1_000);
  // Of other classes there is still something; an answer that refuses for another reason says it, too.
  const wrong = await ask(url, "message.history", { conversationId: "1" }, ann.accessToken);
  assert.deepEqual([wrong.status, wrong.headers.get("ratelimit-policy")], [404, '"read";q=60;w=30']);
  await new Promise((resolve) => setTimeout(resolve, late.said.retryAfterMs));
  assert.equal((await ask(url, "message.send", send(99), ann.accessToken)).status, 200);
  await wire.close();
});

Deno.test("rate limits: on the WebSocket the error says when to try again", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, args: TIGHT });
  const { ann } = await pairOn(server.url);
  const socket = await RawSocket.open(server.url, ann.accessToken);
  const batch = Array.from(
    { length: 70 },
    (_, id) => ({ jsonrpc: "2.0", id, method: "user.me", params: {} }),
  );
  await socket.send(JSON.stringify(batch));
  const errors: { code: number; data: { code: string; retryAfterMs: number; advice: string } }[] = [];
  for (let answered = 0; answered < 70;) {
    for (const message of [JSON.parse(new TextDecoder().decode((await socket.receive())!.payload))].flat()) {
      if (message.id === undefined) continue;
      answered++;
      if (message.error) errors.push(message.error);
    }
  }
  assert.ok(errors.length >= 9, `${errors.length}`);
  for (const { code, data } of errors) {
    assert.deepEqual([code, data.code, data.advice], [1501, "rate_limited", "retry"]);
    assert.ok(data.retryAfterMs > 0 && data.retryAfterMs <= 500, `${data.retryAfterMs}`);
  }
  socket[Symbol.dispose]();
});

Deno.test("rate limits: who has no session counts by address, also with a false token; users do not notice", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, args: TIGHT });
  const { url } = server;
  const { ann } = await pairOn(url);
  let statuses: number[] = [];
  for (let i = 0; i < 70; i++) {
    statuses.push((await ask(url, "user.me", {}, i % 2 ? "x.y.z" : undefined)).status);
  }
  assert.equal(statuses.indexOf(429), 60);
  assert.ok(statuses.slice(0, 60).every((status) => status === 401));
  assert.equal((await ask(url, "user.me", {}, ann.accessToken)).status, 200);
  statuses = [];
  for (let i = 0; i < 14; i++) {
    statuses.push((await ask(url, "auth.refresh", { refreshToken: "none" })).status);
  }
  assert.deepEqual(statuses.slice(-3), [429, 429, 429]);
});

Deno.test("rate limits: with a factor of 0 there are none, and no headers", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, args: ["--rate-limit-scale", "0"] });
  const { headers } = await ask(server.url, "user.me", {});
  assert.deepEqual([headers.get("ratelimit"), headers.get("ratelimit-policy")], [null, null]);
});
