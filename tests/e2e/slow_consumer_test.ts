import assert from "node:assert/strict";
import { heard, register, rest, Wire } from "../support/people.ts";
import { RawSocket } from "../support/raw.ts";
import { residentBytes, startServer, tempFolder } from "../support/server.ts";

const text = "长文本 ".repeat(2_000);

Deno.test("who stops reading is cut off within 15 s, with bounded memory, and nobody else notices", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const [ann, bob] = [await register(server.url), await register(server.url)];
  const conversation = await rest(server.url, "conversation.openDirect", { userId: bob.id }, ann.accessToken);
  const [annWire, bobWire] = [
    await Wire.open(server.url, ann.accessToken),
    await Wire.open(server.url, bob.accessToken),
  ];
  // Sockets of bob's that never read: the same pushes go to them as to his good one.
  const stalled = await Promise.all(
    Array.from({ length: 20 }, () => RawSocket.open(server.url, bob.accessToken)),
  );
  const before = await residentBytes(server.pid);
  // 10 s without progress, looked at every 2 s, and a second to close.
  const end = performance.now() + 15_000;
  let sent = 0;
  while (performance.now() < end) {
    const content = { type: "text", text } as const;
    await annWire.call("message.send", { conversationId: conversation.id, clientId: `c${sent++}`, content });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const grownMiB = ((await residentBytes(server.pid)) - before) / 1024 / 1024;
  assert.ok(grownMiB < 250, `it grew by ${grownMiB} MiB`);
  // What the kernel still holds for them can be read; then there is an end, where others would wait for more.
  let ended = 0;
  const ends = Promise.all(stalled.map((socket) => socket.line.readRest().then(() => ended += 1)));
  const late = AbortSignal.timeout(5_000);
  await Promise.race([ends, new Promise((resolve) => late.addEventListener("abort", resolve))]);
  assert.equal(ended, stalled.length, "all were cut off");
  for (const socket of stalled) socket[Symbol.dispose]();
  await bobWire.until(() => heard(bobWire, conversation.id).length === sent);
  assert.deepEqual(
    heard(bobWire, conversation.id).map(({ seq }) => seq),
    Array.from({ length: sent }, (_, i) => i + 1),
  );
  for (const wire of [annWire, bobWire]) await wire.close();
});
