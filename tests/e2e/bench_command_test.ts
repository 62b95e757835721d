import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere } from "../support/command.ts";
import { register, rest } from "../support/people.ts";
import { runProgram, startProcess, tempFolder } from "../support/server.ts";

/** `imserver bench` against a real server, also one that is restarted meanwhile. */

Deno.test("bench loads a server, tells times, finds every message once and in order, and leaves nobody behind", async () => {
  using folder = tempFolder();
  const dataDir = join(folder.path, "data");
  let server = await startProcess({ dataDir });
  const { url } = server;
  try {
    const load = ["bench", "--url", url, "--users", "6", "--rate", "60", "--seconds", "2"];
    const program = await runProgram(load, { flavour: "dist" });
    assert.equal(program.code, 0, program.stdout + program.stderr);
    assert.match(
      program.stdout,
      /6 users, [\d.]+ s, 120 sent, 120 acknowledged \(\d+ a second\)\nack +p50 +[\d.]+ ms/,
    );
    assert.match(program.stdout, /in the log, once and in order/);
    assert.match(program.stderr, /^\[#+\.*\] \d+\/2 s {2}sent 120 {2}acked 120 {2}delivered 120/m);

    // A server that is killed and comes back: what was sent meanwhile is sent again, and stored once.
    const through = runHere([...load.slice(0, -1), "4", "--json"]);
    await until(() => sendsOf(server.opsUrl), 30);
    await server.stop("SIGKILL");
    const ports = { port: Number(new URL(url).port), opsPort: Number(new URL(server.opsUrl).port) };
    server = await startProcess({ dataDir, ...ports });
    const { code, stdout, stderr } = await through;
    const said = JSON.parse(stdout);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual([said.sent, said.acked, said.good], [240, 240, true]);
    assert.ok(said.log.reconnects >= 6, stdout);
    assert.ok(said.ackMs.p50 > 0 && said.ackMs.max >= said.ackMs.p99);

    const [ann, bob] = [await register(url), await register(url)];
    const found = await rest(url, "user.search", { query: "bench-" }, ann.accessToken);
    assert.deepEqual(found.users, []);
    const tokens = join(folder.path, "tokens");
    await Deno.writeTextFile(tokens, `${ann.accessToken}\n${bob.accessToken}\n`);
    const small = ["bench", "--url", url, "--rate", "20", "--seconds", "1", "--json"];
    const own = await runHere([...small, "--tokens", tokens]);
    assert.deepEqual([own.code, JSON.parse(own.stdout).acked], [0, 20], own.stderr);
    assert.equal((await rest(url, "user.me", {}, bob.accessToken)).id, bob.id);

    // What the limits refuse is told, and is no loss.
    const much = await runHere(["bench", "--url", url, "--users=2", "--rate=1500", "--seconds=1", "--json"]);
    const limited = JSON.parse(much.stdout);
    assert.equal(much.code, 0, much.stdout);
    assert.ok(limited.errors.rate_limited > 0 && limited.acked >= 900, much.stdout);
    assert.equal(limited.acked + limited.errors.rate_limited, 1_500);
  } finally {
    await server.stop("SIGKILL");
  }
  const refused = async (said: RegExp, ...args: string[]) => {
    const { code, stderr } = await runHere(["bench", ...args]);
    assert.equal(code, 2);
    assert.match(stderr, said);
  };
  await refused(/cannot be reached/, "--url", url);
  await refused(/--rate must be a whole number/, "--rate", "0");
  await refused(/--url must be/, "--url", "ws://x");
  await refused(/cannot be read/, "--tokens", join(folder.path, "none"));
});

/** Sends that the server has answered. */
async function sendsOf(opsUrl: string): Promise<number> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text();
  return Number(/^imserver_acks_total (\d+)/m.exec(text)?.[1] ?? 0);
}

/** Until it has grown by so many. */
async function until(look: () => Promise<number>, by: number): Promise<void> {
  const from = await look();
  const end = Date.now() + 30_000;
  while (await look() < from + by) {
    if (Date.now() > end) throw new Error("nothing was sent");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
