import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { closeRedis } from "../../kit/redis.ts";
import { Cluster } from "../support/cluster.ts";
import { OtlpCollector } from "../support/otlp.ts";
import { freshName, heard, rest, Wire } from "../support/people.ts";
import { RedisServer } from "../support/redis.ts";
import { until } from "../support/processes.ts";
import { runProgram, tempFolder } from "../support/server.ts";

/** Words that may be nowhere but in the database, in what users hear and in an operator's own settings. */
const CANARIES = {
  password: "canary-password-1x7",
  wrong: "canary-wrong-password-2x7",
  text: "canarytext3x7",
  draft: "canarydraft4x7",
  query: "canaryquery5x7",
  edit: "canaryedit6x7",
  redis: "canary-redis-7x7",
  database: "canary-database-8x7",
};

Deno.test("canaries: secrets and messages are in no log, metric, trace or key of Redis, at debug and with everything traced", async () => {
  await using collector = await Promise.resolve(new OtlpCollector());
  const shared = await RedisServer.start({ settings: ["--requirepass", CANARIES.redis] });
  const flags = [`--trace-endpoint=${collector.endpoint}`, "--log-level=debug", "--log-format=json"];
  const cache = `--redis-cache=redis://:${CANARIES.redis}@127.0.0.1:${shared.port}`;
  await using cluster = await Cluster.start({
    fast: true,
    dbproxies: 1,
    args: [...flags, "--trace-sample=1", cache],
    dbproxyArgs: [...flags, cache],
  });
  const [one, two] = cluster.gateways.map(({ server }) => server);
  const login = { username: freshName(), password: CANARIES.password };
  const ann = await rest(one.url, "auth.register", login);
  const bob = await rest(two.url, "auth.register", { ...login, username: freshName() });
  const secrets: string[] = [...Object.values(CANARIES), ann.refreshToken!, bob.refreshToken!];
  const token = ann.accessToken!;
  // Of a signed token what is signed may be seen; with the signature it would be one.
  const signatureOf = (jwt: string) => jwt.split(".")[2];
  secrets.push(signatureOf(token), signatureOf(bob.accessToken!));

  await assert.rejects(rest(one.url, "auth.login", { ...login, password: CANARIES.wrong }));
  const renewed = await rest(one.url, "auth.refresh", { refreshToken: bob.refreshToken! });
  secrets.push(renewed.refreshToken!, signatureOf(renewed.accessToken!));
  const bot = await rest(one.url, "bot.create", { username: freshName("bot") }, token);
  const made = await rest(
    one.url,
    "bot.createToken",
    { botId: bot.id, name: "t", scopes: ["messages:read"] },
    token,
  );
  secrets.push(made.secret);

  const bobs = await Wire.open(two.url, bob.accessToken!);
  const wire = await Wire.open(one.url, token);
  const { id: conversationId } = await wire.call("conversation.openDirect", { userId: bob.user.id });
  const content = { type: "text" as const, text: CANARIES.text };
  const { seq } = await wire.call("message.send", { conversationId, clientId: "c1", content });
  await wire.call("message.edit", { conversationId, seq, content: { type: "text", text: CANARIES.edit } });
  await wire.call("conversation.configure", { conversationId, draft: CANARIES.draft });
  await rest(one.url, "message.search", { query: CANARIES.query }, token);
  await bobs.until(() => heard(bobs, conversationId).length >= 1, 60_000);
  // What is refused, cannot be read, or is no operation is told in errors, whose texts repeat the input.
  await assert.rejects(wire.raw(CANARIES.text, { [CANARIES.draft]: CANARIES.query }));
  await assert.rejects(wire.raw("message.send", { conversationId, clientId: "c2", content: CANARIES.text }));
  const keys = [...await stored(cluster.redis!.port), ...await stored(shared.port, CANARIES.redis)];

  const metrics = await Promise.all(
    cluster.members.map(async ({ server }) => await (await fetch(`${server.opsUrl}/metrics`)).text()),
  );
  // The parts below go while somebody writes: drivers put into their errors what they were about to do.
  await shared.kill();
  await cluster.mariadb.kill();
  await assert.rejects(wire.call("message.send", { conversationId, clientId: "c3", content }));
  await until("spans have come", () => collector.spans.some(({ name }) => name === "message.search"), 60_000);
  using folder = tempFolder();
  const refused = await runProgram([
    `--data-dir=${folder.path}`,
    `--database=mysql://canary:${CANARIES.database}@127.0.0.1:1/x y`,
    "--check-config",
  ]);

  const places = {
    logs: cluster.output(),
    metrics: metrics.join("\n"),
    traces: collector.bodies.join("\n"),
    keys: keys.join("\n"),
    usage: refused.stdout + refused.stderr,
  };
  for (const [place, text] of Object.entries(places)) {
    assert.ok(text.length > 0, `${place}: nothing was looked at`);
    assert.deepEqual(secrets.filter((secret) => text.includes(secret)), [], place);
  }
  for (const socket of [wire, bobs]) socket.socket.terminate();
  await shared.remove();
});

/** Every key of a Redis, and what lies under those that hold a text. */
async function stored(port: number, password?: string): Promise<string[]> {
  const redis = new Redis({ host: "127.0.0.1", port, password });
  try {
    const keys = await redis.keys("*");
    const values = await Promise.all(keys.map((key) => redis.get(key).catch(() => "")));
    return [...keys, ...values.map(String)];
  } finally {
    await closeRedis(redis);
  }
}
