import assert from "node:assert/strict";
import { unpack } from "../support/export.ts";
import { register, rest, Wire } from "../support/people.ts";
import { residentBytes, startServer, tempFolder } from "../support/server.ts";

// That it is read as it is sent shows chat/export_test.ts. What is measured here is mostly what waits to be collected:
// exports one after the other do not add up.
Deno.test("exports of more than 10,000 messages, one after the other, hold them all and do not add up", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, args: ["--rate-limit-scale", "0"] });
  const { url } = server;
  const [ann, bob] = [await register(url), await register(url)];
  const { id } = await rest(url, "conversation.openDirect", { userId: bob.id }, ann.accessToken);
  const wire = await Wire.open(url, ann.accessToken);
  const count = 10_500;
  // Bytes that no packing makes small: 63 MB of them.
  const noise = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(4_500))));
  for (let from = 0; from < count; from += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => {
      const content = { type: "text", text: noise() } as const;
      return wire.call("message.send", { conversationId: id, clientId: `m${from + i}`, content });
    }));
  }
  await wire.close();
  const before = await residentBytes(server.pid);
  const afterwards: number[] = [];
  for (let round = 0; round < 6; round++) {
    const { lines } = await unpack(url, ann);
    const entries = await lines(`conversations/${id}/entries.jsonl`);
    assert.deepEqual(entries.map(({ seq }) => seq), Array.from({ length: count }, (_, i) => i + 1));
    afterwards.push(Math.round((await residentBytes(server.pid) - before) / 1024 / 1024));
  }
  console.log(`exports of ${count} messages, 63 MB each: the server grew by ${afterwards.join(", ")} MiB`);
  // The first two fill what the runtime keeps for itself. What stayed of each of the others would be 250 MiB by now.
  assert.ok(afterwards[5] < afterwards[1] + 3 * 63, `${afterwards}`);
});
