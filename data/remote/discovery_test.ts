import assert from "node:assert/strict";
import { afterAttempts, stubData } from "../../tests/support/dbproxies.ts";
import { connectData } from "./client.ts";
import { Discovery, type FoundAddress } from "./discovery.ts";
import { serveData } from "./server.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const NAME = "dbproxies.example";

/** A name whose addresses a test changes, and dbproxies on addresses of their own with one port. */
async function openWorld(count: number) {
  const calls: number[] = [];
  const world = { addresses: [] as string[], isDown: false };
  let port = 0;
  const servers = new Map<string, Awaited<ReturnType<typeof serveData>>>();
  const serve = async (i: number) => {
    const host = `127.0.0.${i + 1}`;
    const history = () => (calls.push(i), Promise.resolve({ entries: [], more: false }));
    const server = await serveData(stubData({ log: { history } }), { listen: { host, port } });
    port = server.port;
    servers.set(host, server);
    world.addresses.push(host);
  };
  for (let i = 0; i < count; i++) await serve(i);
  const lookup = (name: string) => {
    assert.equal(name, NAME);
    if (world.isDown) return Promise.reject(new Error("no DNS"));
    return Promise.resolve(world.addresses);
  };
  const client = connectData({
    dbproxies: [{ host: NAME, port, dns: true }],
    lookup,
    lookupEveryMs: 10,
  });
  /** Who is asked, of many conversations. */
  const askMany = async () => {
    calls.length = 0;
    const ids = Array.from({ length: 60 }, (_, i) => i + 1);
    await Promise.all(
      ids.map((conversationId) =>
        client.data.log.history({ conversationId, userId: 1, before: 0, limit: 1 })
      ),
    );
    return [...new Set(calls)].toSorted();
  };
  const until = async (what: string, is: () => boolean) => {
    for (let i = 0; !is(); i++) {
      if (i > 500) assert.fail(`not in time: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const close = async () => {
    client.close();
    await afterAttempts();
    await Promise.all([...servers.values()].map((server) => server.close()));
  };
  return { ...world, world, servers, serve, client, askMany, until, [Symbol.asyncDispose]: close };
}

Deno.test("discovery: every address of a name is a dbproxy; who comes is used, who goes is let go", async () => {
  await using all = await openWorld(2);
  const { world, client, servers, askMany, until } = all;
  assert.ok(await client.untilReady(5_000, 2));
  assert.deepEqual(await askMany(), [0, 1]);
  await all.serve(2);
  await until("the third is connected", () => client.healthy().length === 3);
  assert.deepEqual(await askMany(), [0, 1, 2]);
  // A name that cannot be looked up takes nobody away.
  world.isDown = true;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(client.healthy().length, 3);
  world.isDown = false;
  // Out of the name first, as Kubernetes does it: it serves until it says that it leaves, and is then forgotten.
  world.addresses = world.addresses.slice(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(client.healthy().length, 3);
  await servers.get("127.0.0.1")!.close();
  await until("the first is forgotten", () => client.names.length === 2);
  assert.deepEqual(await askMany(), [1, 2]);
  assert.equal(client.names.some((name) => name.startsWith("127.0.0.1:")), false);
});

Deno.test("discovery: one that died and is out of the name is not dialled for ever; one that is in it again is", async () => {
  await using all = await openWorld(2);
  const { world, client, servers, until } = all;
  assert.ok(await client.untilReady(5_000, 2));
  await servers.get("127.0.0.2")!.close();
  await until("it is away", () => client.healthy().length === 1);
  assert.equal(client.names.length, 2);
  world.addresses = ["127.0.0.1"];
  await until("it is forgotten", () => client.names.length === 1);
  world.addresses = ["127.0.0.1"];
  await all.serve(1);
  await until("it is back", () => client.healthy().length === 2);
});

Deno.test("discovery: names without an address, and what is none, are said once and change nothing", async () => {
  const answers: (string[] | Error)[] = [
    [],
    ["not an address"],
    ["10.0.0.2", "10.0.0.1", "10.0.0.1"],
    new Error("no DNS"),
    ["10.0.0.1", "10.0.0.2"],
    ["10.0.0.3"],
  ];
  const found: FoundAddress[][] = [];
  const warned: unknown[] = [];
  const done = Promise.withResolvers<void>();
  const discovery = new Discovery({
    names: [{ host: NAME, port: 9000 }],
    everyMs: 1,
    lookup: () => {
      const answer = answers.shift();
      if (answer === undefined) done.resolve();
      if (answer === undefined || answer instanceof Error) {
        return Promise.reject(answer ?? new Error("no DNS"));
      }
      return Promise.resolve(answer);
    },
    onFound: (addresses) => found.push(addresses),
    log: { warn: (...words: unknown[]) => warned.push(words) } as never,
  });
  await done.promise;
  discovery.close();
  assert.deepEqual(found.map((all) => all.map(({ host }) => host)), [["10.0.0.1", "10.0.0.2"], ["10.0.0.3"]]);
  assert.ok(found.flat().every(({ port, serverName }) => port === 9000 && serverName === NAME));
  assert.equal(warned.length, 2);
});
