import assert from "node:assert/strict";
import { createClient, type Presence, watchPresence } from "../../sdk/mod.ts";
import { eventually } from "../support/browser.ts";
import { hasCode, register, rest, Wire } from "../support/people.ts";
import { freePort, startServer, tempFolder } from "../support/server.ts";

Deno.test("a friend's coming and going is told, and when they were last seen survives a restart; a stranger's is not", async () => {
  using data = tempFolder();
  const options = { dataDir: data.path, port: freePort(), opsPort: freePort() };
  let server = await startServer(options);
  const [ann, bob, stranger] = [
    await register(server.url),
    await register(server.url),
    await register(server.url),
  ];
  await rest(server.url, "friend.request", { userId: bob.id }, ann.accessToken);
  await rest(server.url, "friend.accept", { userId: ann.id }, bob.accessToken);
  const wires = [
    await Wire.open(server.url, bob.accessToken),
    await Wire.open(server.url, stranger.accessToken),
  ];

  const client = createClient({ baseUrl: server.url, accessToken: ann.accessToken, backoff: { capMs: 200 } });
  const told: Presence[] = [];
  const stop = new AbortController();
  const onChange = (presence: Presence) => void told.push(presence);
  watchPresence(client, { userIds: [bob.id, stranger.id], onChange, signal: stop.signal });
  await client.online();
  await eventually(() => Promise.resolve(told.map(({ userId, online }) => [userId, online])), [[
    bob.id,
    true,
  ]]);
  const before = Date.now();
  wires.forEach((wire) => wire.close());
  await eventually(() => Promise.resolve(told.length), 2);
  const [, { online, lastSeenAt }] = told;
  assert.equal(online, false);
  assert.ok(lastSeenAt! >= before - 1000 && lastSeenAt! <= Date.now());

  await server.stop();
  server = await startServer(options);
  await eventually(() => Promise.resolve(told.length), 3);
  assert.deepEqual(told[2], told[1], "told again after the reconnect, as it was");
  const asked = await rest(server.url, "presence.get", { userIds: [bob.id, stranger.id] }, ann.accessToken);
  assert.deepEqual(asked.presences, [told[1]]);
  await assert.rejects(
    rest(server.url, "presence.subscribe", { userIds: [bob.id] }, ann.accessToken),
    hasCode("invalid_request"),
  );
  stop.abort();
  client.close();
  await server.stop();
});

Deno.test("a list travels in a query as its field once for each value", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { accessToken } = await register(server.url);
  const ask = async (query: string) => {
    const response = await fetch(`${server.url}/api/v1/presence/subscription?${query}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${accessToken}` },
    });
    const { code, field } = await response.json();
    return [code, field];
  };
  // Understood, and refused for another reason: over REST there is no subscription.
  for (const query of ["userIds=1", "userIds=1&userIds=2"]) {
    assert.deepEqual(await ask(query), ["invalid_request", undefined]);
  }
  for (const query of ["userIds=", "userIds=1,2", "userIds=1&userIds=x", ""]) {
    const [code, field] = await ask(query);
    assert.deepEqual([code, field?.split(/[.[]/)[0]], ["invalid_params", "userIds"], query);
  }
});
