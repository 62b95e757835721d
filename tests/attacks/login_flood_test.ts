import assert from "node:assert/strict";
import { firstAdmin } from "../support/first_admin.ts";
import { freshName, register, rest, Wire } from "../support/people.ts";
import { startProcess, tempFolder } from "../support/server.ts";

const PASSWORD = "correct horse battery";
const FLOOD = 200;

Deno.test("a flood of logins is hashed off the socket's thread: some are told to come back, the chat goes on", async () => {
  using data = tempFolder();
  await using server = await startProcess({ dataDir: data.path, args: ["--rate-limit-scale=0"] });
  const { url } = server;
  const [ann, bob] = [await register(url), await register(url)];
  const wire = await Wire.open(url, ann.accessToken);
  const { id: conversationId } = await wire.call("conversation.openDirect", { userId: bob.id });
  const login = (n: number) =>
    fetch(`${url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: `nobody${n}`, password: PASSWORD }),
    }).then(async (answer) => ({ status: answer.status, ...await answer.json() }));
  let over = false;
  const flood = Promise.all(Array.from({ length: FLOOD }, (_, n) => login(n))).finally(() => over = true);
  const times: number[] = [];
  for (let n = 0; !over; n++) {
    const at = performance.now();
    const content = { type: "text", text: "hello" } as const;
    await wire.call("message.send", { conversationId, clientId: `c${n}`, content });
    times.push(performance.now() - at);
  }
  const answers = await flood;
  const codes = new Set(answers.map(({ code }) => code));
  assert.deepEqual(codes, new Set(["invalid_credentials", "overloaded"]));
  const refused = answers.filter(({ code }) => code === "overloaded");
  assert.ok(refused.every(({ status, retryAfterMs }) => status === 503 && retryAfterMs > 0));
  // One hash at least is as long as 20 sends; had they waited for the hashes, there would be no more sends than those.
  const hashed = FLOOD - refused.length;
  assert.ok(times.length > 2 * hashed, `${times.length} sends beside ${hashed} hashes`);
  times.sort((a, b) => a - b);
  const median = times[times.length >> 1];
  assert.ok(median < 200, `a send took ${median} ms`);
  assert.ok((await rest(url, "auth.login", { username: ann.username, password: PASSWORD })).user);
  wire.socket.terminate();
  const p99 = Math.round(times[Math.floor(times.length * 0.99)]);
  console.log(`  ${hashed} hashed, ${refused.length} refused; ${times.length} sends, p99 ${p99} ms`);
});

/** Of each kind so many, in turn, so that what else the machine does is the same for all. */
const ROUNDS = 12;

Deno.test("enumeration: nobody, somebody, a bot and who is disabled get the same answer in the same time", async () => {
  using data = tempFolder();
  await using server = await startProcess({ dataDir: data.path, args: ["--rate-limit-scale=0"] });
  const { url } = server;
  const boss = await firstAdmin(server);
  const [somebody, disabled, reset] = await Promise.all([register(url), register(url), register(url)]);
  const bot = await rest(url, "bot.create", { username: freshName("bot") }, somebody.accessToken);
  await rest(url, "admin.disable", { userId: disabled.id }, boss.accessToken);
  await rest(url, "admin.resetPassword", { userId: reset.id }, boss.accessToken);
  const names = [freshName("nobody"), somebody.username, disabled.username, reset.username, bot.username];
  const times = names.map((): number[] => []);
  const bodies = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, username] of names.entries()) {
      const at = performance.now();
      const answer = await fetch(`${url}/api/v1/auth/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ username, password: "not it at all" }),
      });
      bodies.add(`${answer.status} ${await answer.text()}`);
      times[i].push(performance.now() - at);
    }
  }
  assert.equal(bodies.size, 1, [...bodies].join("\n"));
  // Somebody who measures often takes the fastest: the same work is done for all, whatever else ran.
  const quarter = times.map((list) => Math.round(list.sort((a, b) => a - b)[ROUNDS >> 2]));
  const [least, most] = [Math.min(...quarter), Math.max(...quarter)];
  assert.ok(most < 2 * least, `${quarter} ms`);
  assert.ok(least > 10, `a hash was made for each: ${quarter} ms`);
});
