import assert from "node:assert/strict";
import { join } from "node:path";
import { type ClientEvents, createClient, openView } from "../../sdk/mod.ts";
import { eventually } from "../support/browser.ts";
import { register, rest } from "../support/people.ts";
import { freePort, runProgram, startServer, tempFolder } from "../support/server.ts";

/** A backup is restored under clients that know more than it does: they must not trust what they know. */
Deno.test("after a restore and `epoch raise` clients forget what the server no longer has, and read anew", async () => {
  using data = tempFolder();
  using kept = tempFolder();
  const options = { dataDir: data.path, port: freePort(), opsPort: freePort() };
  const database = (folder: string) => join(folder, "imserver.db");
  let server = await startServer(options);
  const [ann, bob] = [await register(server.url), await register(server.url)];
  const { id: conversationId } = await rest(
    server.url,
    "conversation.openDirect",
    { userId: bob.id },
    ann.accessToken,
  );
  let sent = 0;
  const say = (text: string) => {
    const input = { conversationId, clientId: `${++sent}`, content: { type: "text" as const, text } };
    return rest(server.url, "message.send", input, ann.accessToken);
  };
  const client = createClient({ baseUrl: server.url, accessToken: bob.accessToken, backoff: { capMs: 200 } });
  const inbox: ClientEvents["inbox"][] = [];
  const syncs: boolean[] = [];
  client.on("inbox", (entry) => inbox.push(entry));
  client.on("sync", ({ restart }) => syncs.push(restart));
  await client.online();
  const view = openView(client, { conversationId });
  const shows = (...texts: string[]) =>
    eventually(() => Promise.resolve(view.messages.map(({ content }) => content.text)), texts as unknown[]);

  await say("one");
  await server.stop();
  // A server that has stopped has no open journal: the file is the whole database.
  await Deno.copyFile(database(data.path), database(kept.path));
  server = await startServer(options);
  await say("lost");
  await say("lost too");
  await shows("one", "lost", "lost too");
  const { token } = await client.call("sync.heads", {});
  await rest(server.url, "friend.request", { userId: bob.id }, ann.accessToken);
  await eventually(() => Promise.resolve(inbox.length), 1);

  await server.stop("SIGKILL");
  for (const name of ["", "-wal", "-shm"]) {
    await Deno.remove(database(data.path) + name).catch(() => {});
  }
  await Deno.copyFile(database(kept.path), database(data.path));
  const { stdout } = await runProgram(["epoch", "raise", "--data-dir", data.path]);
  assert.equal(stdout, "epoch 2\n");
  server = await startServer(options);
  sent = 10;
  await say("after");
  await shows("one", "after");
  assert.equal((await client.call("sync.heads", { token })).full, true, "a token of before is void");
  await rest(server.url, "friend.request", { userId: bob.id, note: "again" }, ann.accessToken);
  await eventually(() => Promise.resolve(inbox.at(-1)?.content.note), "again");
  await say("and more");
  await shows("one", "after", "and more");
  // The first connection, the one after the plain restart, and the one after the restore.
  assert.deepEqual(syncs, [false, false, true]);
  view.close();
  client.close();
  await server.stop();
});
