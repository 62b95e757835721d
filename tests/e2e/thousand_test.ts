import assert from "node:assert/strict";
import { type Person, register, rest, Wire } from "../support/people.ts";
import { freshCheckout } from "../support/checkout.ts";
import { type StartOptions, startServer, tempFolder } from "../support/server.ts";

/**
 * The main promise on real processes: two people exchange 1,000 messages over two WebSockets; the server is
 * killed (SIGKILL) in the middle and started again; every acked message is there once, in order.
 */
Deno.test("from source: 1,000 messages across kill -9: every acked one is there once, in order", () =>
  thousand({}));

/** On a cluster there is nothing to say of files and folders. */
const onCluster = Deno.env.has("IMSERVER_TEST_ON");

Deno.test(
  "dist/imserver, from another folder with an empty environment: the same",
  { ignore: onCluster },
  async () => {
    using elsewhere = tempFolder();
    await thousand({ flavour: "dist", cwd: elsewhere.path, env: {} });
  },
);

Deno.test(
  "a fresh checkout with an empty cache, by the README's command: the same",
  { ignore: onCluster },
  async () => {
    using checkout = await freshCheckout();
    using cache = tempFolder();
    await thousand({ flavour: "checkout", cwd: checkout.path, env: { DENO_DIR: cache.path } });
  },
);

async function thousand(start: Omit<StartOptions, "dataDir">): Promise<void> {
  using data = tempFolder();
  const options = { ...start, dataDir: data.path };
  const acked = new Map<string, number>();
  const texts = Array.from({ length: 1000 }, (_, i) => `message ${i} 你好`);
  let people: [Person, Person];
  let conversationId: string;
  {
    await using server = await startServer(options);
    people = [await register(server.url), await register(server.url)];
    const [alice, bob] = people;
    ({ id: conversationId } = await rest(
      server.url,
      "conversation.openDirect",
      { userId: bob.id },
      alice.accessToken,
    ));
    const wires = [
      await Wire.open(server.url, alice.accessToken),
      await Wire.open(server.url, bob.accessToken),
    ];
    let next = 0;
    // A window of 32, so that the kill comes with acks behind, sends under way and sends yet to come.
    const send = async () => {
      while (next < 1000) {
        const i = next++;
        const content = { type: "text", text: texts[i] } as const;
        const { seq } = await wires[i % 2].call("message.send", {
          conversationId,
          clientId: `m-${i}`,
          content,
        });
        acked.set(`m-${i}`, seq);
        if (acked.size === 400) server.stop("SIGKILL");
      }
    };
    await Promise.allSettled(Array.from({ length: 32 }, send));
    await Promise.all(wires.map((wire) => wire.closed));
  }
  assert.ok(acked.size >= 400 && acked.size < 1000, `killed in mid-stream, at ${acked.size} acks`);

  await using server = await startServer(options);
  const [alice, bob] = people;
  const wires = [
    await Wire.open(server.url, alice.accessToken),
    await Wire.open(server.url, bob.accessToken),
  ];
  // Whoever got no ack sends again under the same clientId, as the protocol asks.
  for (let i = 0; i < 1000; i++) {
    const clientId = `m-${i}`;
    const content = { type: "text", text: texts[i] } as const;
    const { seq } = await wires[i % 2].call("message.send", { conversationId, clientId, content });
    if (acked.has(clientId)) assert.equal(seq, acked.get(clientId), "the same answer as before the crash");
    acked.set(clientId, seq);
  }
  for (const person of people) {
    const { entries, lastSeq } = await rest(
      server.url,
      "log.read",
      { conversationId, after: 0, limit: 1000 },
      person.accessToken,
    );
    assert.equal(lastSeq, 1000);
    assert.deepEqual(entries.map(({ seq }) => seq), Array.from({ length: 1000 }, (_, i) => i + 1));
    assert.equal(new Set(entries.map(({ clientId }) => clientId)).size, 1000);
    for (const { seq, clientId, content } of entries) {
      assert.equal(acked.get(clientId!), seq);
      assert.equal(content.text, texts[Number(clientId!.slice(2))]);
    }
  }
  const { conversations } = await rest(server.url, "conversation.list", {}, alice.accessToken);
  assert.equal(conversations[0].lastMessageNo, 1000);
  assert.equal(conversations[0].unread, 500, "bob's half is unread, alice's own is not");
  for (const wire of wires) await wire.close();
}
