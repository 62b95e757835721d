import assert from "node:assert/strict";
import { strFromU8, Unzip, UnzipInflate } from "fflate";
import { PIXEL, uploadFile } from "../support/files.ts";
import { type Person, register, rest, Wire } from "../support/people.ts";
import { residentBytes, startServer, tempFolder } from "../support/server.ts";

/** The files of the archive, read as it comes. */
async function unpack(url: string, who: Person) {
  const response = await fetch(`${url}/api/v1/users/me/export`, {
    headers: { authorization: `Bearer ${who.accessToken}` },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/zip");
  assert.match(response.headers.get("content-disposition")!, /^attachment; .*\.zip/);
  const files: Record<string, Uint8Array[]> = {};
  const unzip = new Unzip((file) => {
    files[file.name] = [];
    file.ondata = (error, bytes) => {
      if (error) throw error;
      files[file.name].push(bytes);
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  for await (const bytes of response.body!) {
    unzip.push(bytes);
  }
  unzip.push(new Uint8Array(), true);
  const whole = async (name: string) =>
    new Uint8Array(await new Blob(files[name] as BlobPart[]).arrayBuffer());
  const text = async (name: string) => strFromU8(await whole(name));
  const lines = async (name: string) =>
    (await text(name)).split("\n").filter(Boolean).map((one) => JSON.parse(one));
  return { names: Object.keys(files), whole, text, lines };
}

Deno.test("an export holds all that is kept of a person, and nothing that they may not see", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { url } = server;
  const [ann, bob] = [await register(url), await register(url)];
  await rest(url, "user.update", { bio: "me", email: "ann@example.org" }, ann.accessToken);
  await rest(url, "friend.request", { userId: ann.id }, bob.accessToken);
  await rest(url, "friend.accept", { userId: bob.id }, ann.accessToken);
  const file = await uploadFile(url, ann, PIXEL, { name: "../a.png" });
  const group = await rest(url, "group.create", { title: "g", memberIds: [ann.id] }, bob.accessToken);
  const say = (who: Person, clientId: string) =>
    rest(url, "message.send", {
      conversationId: group.id,
      clientId,
      content: { type: "text", text: `${clientId} 你好` },
    }, who.accessToken);
  await say(ann, "seen");
  await rest(url, "group.leave", { conversationId: group.id }, ann.accessToken);
  await say(bob, "unseen");

  const { names, whole, text, lines } = await unpack(url, ann);
  const account = JSON.parse(await text("account.json"));
  assert.deepEqual([account.id, account.bio, account.email], [ann.id, "me", "ann@example.org"]);
  assert.equal((await lines("sessions.jsonl")).length, 1);
  assert.deepEqual((await lines("relations.jsonl")).map(({ userId, state }) => [userId, state]), [[
    bob.id,
    "friends",
  ]]);
  const told = await rest(url, "inbox.read", {}, ann.accessToken);
  assert.deepEqual(await lines("inbox.jsonl"), told.entries);
  const entries = await lines(`conversations/${group.id}/entries.jsonl`);
  assert.deepEqual(entries.map(({ kind }) => kind), ["group.created", "message", "member.left"]);
  assert.equal(entries[1].content.text, "seen 你好");
  const left = JSON.parse(await text(`conversations/${group.id}/conversation.json`));
  assert.deepEqual(left, { id: group.id, left: true });
  const name = names.find((one) => one.startsWith(`files/${file.id}/`))!;
  assert.doesNotMatch(name, /\.\./);
  assert.deepEqual(await whole(name), PIXEL);
  for (const one of names) assert.doesNotMatch(await text(one), /unseen|correct horse|argon2/, one);
});

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
  for (let round = 0; round < 4; round++) {
    const { lines } = await unpack(url, ann);
    const entries = await lines(`conversations/${id}/entries.jsonl`);
    assert.deepEqual(entries.map(({ seq }) => seq), Array.from({ length: count }, (_, i) => i + 1));
    afterwards.push(Math.round((await residentBytes(server.pid) - before) / 1024 / 1024));
  }
  console.log(`exports of ${count} messages, 63 MB each: the server grew by ${afterwards.join(", ")} MiB`);
  assert.ok(afterwards[3] < afterwards[0] + 2 * 63, `${afterwards}`);
});
