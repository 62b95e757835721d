import assert from "node:assert/strict";
import { unpack } from "../support/export.ts";
import { PIXEL, uploadFile } from "../support/files.ts";
import { type Person, register, rest } from "../support/people.ts";
import { startServer, tempFolder } from "../support/server.ts";

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
