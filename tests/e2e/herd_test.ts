import assert from "node:assert/strict";
import { herd, type Return } from "../support/herd.ts";
import { heard, register, rest } from "../support/people.ts";
import { freePort, type Server, startServer, tempFolder } from "../support/server.ts";

const SOCKETS = 1_000;
const PER_SECOND = 200;

Deno.test("a server that comes back lets 1,000 sockets in at its rate; nothing is lost and no password hashed", async () => {
  using data = tempFolder();
  const options = {
    dataDir: data.path,
    port: freePort(),
    args: ["--max-connects-per-second", `${PER_SECOND}`],
  };
  const { ann, people, groupId } = await meetInGroup(options);
  const tokens = people.map(({ accessToken }) => accessToken);

  await using server = await startServer(options);
  // The thread that searches starts when it is needed, too; now it is there.
  await rest(server.url, "message.search", { query: "hello" }, ann.accessToken);
  const before = await workers(server);
  const from = performance.now();
  const returning = herd(server.url, tokens, SOCKETS);
  const talk = sayMeanwhile(server.url, ann.accessToken, groupId, returning);
  const back = await returning;
  const tookMs = performance.now() - from;
  const lastSeq = await talk;
  // Two seconds' worth come in at once, the others at the rate.
  const idealMs = (SOCKETS - 2 * PER_SECOND) / PER_SECOND * 1_000;
  assert.ok(tookMs > idealMs * 0.9, `not above the rate: ${tookMs} ms`);
  assert.ok(tookMs < idealMs * 5, `not much below the rate: ${tookMs} ms`);
  const refusals = back.map(({ refusals }) => refusals);
  assert.ok(refusals.filter((count) => count > 0).length > SOCKETS / 3, "most met the limit");
  assert.ok(Math.max(...refusals) <= 4, `someone was refused ${Math.max(...refusals)} times`);

  assert.equal(await workers(server), before, "no worker was started to hash passwords on");
  for (const one of back) await hasEverything(one, groupId, lastSeq);
  for (const { wire } of back) wire.socket.terminate();
  // The proof that this can be seen: a login hashes.
  await rest(server.url, "auth.login", { username: ann.username, password: "correct horse battery" });
  assert.ok(await workers(server) > before, "a login starts that worker");
});

/** Ten people in one group, on a server that is then killed. */
async function meetInGroup(options: Parameters<typeof startServer>[0]) {
  await using server = await startServer(options);
  const people = [];
  for (let i = 0; i < 10; i++) people.push(await register(server.url));
  const [ann, ...others] = people;
  const memberIds = others.map(({ id }) => id);
  const group = await rest(server.url, "group.create", { title: "herd", memberIds }, ann.accessToken);
  return { ann, people, groupId: group.id };
}

/** Speaks into the group until all are back; answers the last seq. */
async function sayMeanwhile(url: string, token: string, groupId: string, back: Promise<Return[]>) {
  const params = (n: number) => ({
    conversationId: groupId,
    clientId: `n${n}`,
    content: { type: "text" as const, text: `${n}` },
  });
  let done = false;
  back.finally(() => done = true).catch(() => {});
  let last = 0;
  for (let n = 0; !done; n++) {
    ({ seq: last } = await rest(url, "message.send", params(n), token));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return last;
}

/** What came before it was back is in the log; what came since, it heard. Together there is no hole. */
async function hasEverything({ wire }: Return, conversationId: string, lastSeq: number): Promise<void> {
  const { entries } = await wire.call("log.read", { conversationId, after: 0, limit: 1_000 });
  await wire.until(() =>
    entries.at(-1)!.seq >= lastSeq || heard(wire, conversationId).at(-1)?.seq === lastSeq
  );
  const seqs = new Set([...entries, ...heard(wire, conversationId)].map(({ seq }) => seq));
  assert.deepEqual([...seqs].sort((a, b) => a - b), Array.from({ length: lastSeq }, (_, i) => i + 1));
}

/** How many worker threads the process has: passwords are hashed on one that starts when it is needed. */
async function workers({ pid }: Server): Promise<number> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", `cat /proc/${pid}/task/*/comm`] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((name) => name.startsWith("worker-")).length;
}
