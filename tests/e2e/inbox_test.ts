import assert from "node:assert/strict";
import type { Input, OperationName, Output } from "../../wire/operations.ts";
import { type Person, register, rest, Wire } from "../support/people.ts";
import { startServer, tempFolder } from "../support/server.ts";
import { inbox } from "../support/talkers.ts";

Deno.test("a device that was away learns by its inbox what happened to its person, and one that is there at once", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const [ann, bob] = [await register(server.url), await register(server.url)];
  const call = <N extends OperationName>(who: Person, name: N, input: Input<N>): Promise<Output<N>> =>
    rest(server.url, name, input, who.accessToken);
  const wire = await Wire.open(server.url, bob.accessToken);
  const group = (await call(ann, "group.create", { title: "g", memberIds: [bob.id] })).id;
  const direct = (await call(ann, "conversation.openDirect", { userId: bob.id })).id;
  const content = { type: "text", text: "hello" } as const;
  const { seq } = await call(ann, "message.send", { conversationId: direct, clientId: "1", content });
  await call(ann, "friend.request", { userId: bob.id, note: "it's me" });
  await call(bob, "friend.accept", { userId: ann.id });
  await call(bob, "conversation.configure", { conversationId: direct, muted: true, draft: "well" });
  await call(bob, "message.delete", { conversationId: direct, seqs: [seq] });
  await call(bob, "group.leave", { conversationId: group });
  await call(bob, "block.add", { userId: ann.id });
  await wire.until(() => inbox(wire).length === 9);
  const read = await call(bob, "inbox.read", {});
  assert.equal(read.lastSeq, 9);
  assert.deepEqual(read.entries, inbox(wire), "pushed as it is read");
  assert.deepEqual(read.entries.map(({ seq, kind, senderId, content }) => [seq, kind, senderId, content]), [
    [1, "conversation.joined", ann.id, { conversationId: group, type: "group", seq: 1 }],
    [2, "conversation.joined", ann.id, { conversationId: direct, type: "direct", seq: 0 }],
    [3, "friend.changed", ann.id, { userId: ann.id, state: "invited", note: "it's me" }],
    [4, "friend.changed", bob.id, { userId: ann.id, state: "friends" }],
    [5, "conversation.configured", bob.id, {
      conversationId: direct,
      muted: true,
      pinnedAt: null,
      archived: false,
    }],
    [6, "message.hidden", bob.id, { conversationId: direct, seqs: [seq] }],
    [7, "conversation.left", bob.id, { conversationId: group, type: "group", seq: 2 }],
    [8, "friend.changed", bob.id, { userId: ann.id, state: "none" }],
    [9, "block.changed", bob.id, { userId: ann.id, blocked: true }],
  ]);
  assert.deepEqual(
    wire.notifications.filter(({ method }) => method === "draft.changed").map(({ params }) => params),
    [{ conversationId: direct, draft: "well" }],
  );
  assert.deepEqual((await call(bob, "inbox.read", { after: 4, limit: 2 })).entries.map(({ seq }) => seq), [
    5,
    6,
  ]);
  const heads = await call(bob, "sync.heads", {});
  assert.deepEqual([heads.inboxSeq, heads.epoch], [9, 1]);
  const ready = wire.notifications.find(({ method }) => method === "session.ready")!;
  assert.equal(ready.params.epoch, 1);
  assert.deepEqual(
    (await call(ann, "inbox.read", {})).entries.map(({ kind, content }) => content.state ?? kind),
    ["conversation.joined", "conversation.joined", "requested", "friends", "none"],
    "that she is blocked is not said",
  );
  wire.close();
});
