import assert from "node:assert/strict";
import { FilePurpose } from "../../data/service.ts";
import { type Case, NOBODY, rejects, type World } from "./data_world.ts";

const DAY_MS = 24 * 3600 * 1000;
const SIZE = 10;
const sha = (n: number) => String(n).padStart(64, "0");

let contents = 0;

/** A new upload of ten bytes, none of them stored. */
async function begin(
  { data }: World,
  ownerId: number,
  { quota = 0, maxOpen = 100, purpose = FilePurpose.FILE_MESSAGE, size = SIZE } = {},
): Promise<number> {
  const request = { ownerId, name: "a.png", mime: "image/png", size, purpose, quota, maxOpen };
  return (await data.files.create(request)).id;
}

function advance({ data }: World, userId: number, id: number, fromOffset: number, toOffset: number) {
  return data.files.advance({ id, userId, fromOffset, toOffset, storeId: "", part: "" });
}

function complete({ data }: World, userId: number, id: number, sha256 = sha(++contents)) {
  const picture = { width: 4, height: 3, thumbnailMime: "image/jpeg", thumbnailSize: 5 };
  return data.files.complete({ id, userId, sha256, mime: "image/png", ...picture });
}

/** A complete file. */
async function upload(
  world: World,
  ownerId: number,
  options: { purpose?: FilePurpose; sha256?: string } = {},
): Promise<number> {
  const id = await begin(world, ownerId, options);
  await advance(world, ownerId, id, 0, SIZE);
  return (await complete(world, ownerId, id, options.sha256)).id;
}

const imageOf = (id: number) => ({
  type: "image",
  file: { url: `/api/v1/files/${id}`, name: "a.png", size: SIZE, mime: "image/png" },
  width: 4,
  height: 3,
  thumbnail: `/api/v1/files/${id}/thumbnail`,
});

function send(world: World, conversationId: number, senderId: number, content: unknown, clientId?: string) {
  const body = JSON.stringify(content);
  return world.data.log.append({ conversationId, senderId, clientId: clientId ?? world.clientId(), body });
}

async function mayRead({ data }: World, id: number, userId: number): Promise<boolean> {
  try {
    return (await data.files.get({ id, userId })).id === id;
  } catch (error) {
    assert.equal((error as { code?: string }).code, "file_not_found");
    return false;
  }
}

/** The keys that a sweep after so much time gives out to be deleted; they are then said to be. */
async function sweep({ data }: World): Promise<string[]> {
  const { trash } = await data.files.sweep({ uploadAgeMs: DAY_MS, idleAgeMs: DAY_MS, limit: 100 });
  const keys = trash.map(({ key }) => key);
  await data.files.swept({ keys });
  return keys;
}

export function fileCases(test: Case): void {
  test("files: a message says of a file what it is, when it is sent and when it is edited; its name is free", async (world) => {
    const [ann, bob] = await world.users(2);
    const [id, direct] = [await upload(world, ann), await world.direct(ann, bob)];
    const saying = (change: Record<string, unknown>) => {
      const image = imageOf(id);
      return { ...image, file: { ...image.file, ...change } };
    };
    const { seq } = await send(
      world,
      direct,
      ann,
      saying({ name: "called otherwise.png", mime: "IMAGE/png" }),
    );
    const edit = (content: unknown) =>
      world.data.log.change({
        conversationId: direct,
        actorId: ann,
        seq,
        change: { $case: "edit", edit: { body: JSON.stringify(content) } },
      });
    for (const [field, change] of [["size", { size: SIZE + 1 }], ["mime", { mime: "text/plain" }]] as const) {
      for (const attempt of [(content: unknown) => send(world, direct, ann, content), edit]) {
        await assert.rejects(attempt(saying(change)), {
          code: "invalid_params",
          details: { field: `content.file.${field}` },
        });
      }
    }
    assert.equal((await world.read(direct, bob)).length, 1, "nothing else was stored");
    const foreign = {
      ...saying({}),
      file: { ...saying({}).file, url: "https://files.example/a.png", size: 99 },
    };
    await send(world, direct, ann, { ...foreign, thumbnail: undefined });
    await send(world, direct, ann, foreign);
  });

  test("files: an upload is its owner's only, moves on from where it stands, and then is a file", async (world) => {
    const { files } = world.data;
    const [ann, bob] = await world.users(2);
    const id = await begin(world, ann);
    const begun = await files.upload({ id, userId: ann });
    assert.deepEqual([begun.offset, begun.size, begun.storeId, begun.parts], [0, SIZE, "", []]);
    assert.equal(await mayRead(world, id, bob), false);
    await rejects("file_not_found", files.upload({ id, userId: bob }));
    await rejects("file_not_found", advance(world, bob, id, 0, 1));
    await rejects("file_not_found", complete(world, bob, id));
    await rejects("file_not_found", files.upload({ id: NOBODY, userId: ann }));
    await rejects("conflict", complete(world, ann, id));

    const part = { id, userId: ann, storeId: "multi-1" };
    await files.advance({ ...part, fromOffset: 0, toOffset: 6, part: "tag-1" });
    await rejects("conflict", files.advance({ ...part, fromOffset: 0, toOffset: 6, part: "again" }));
    await rejects("conflict", files.advance({ ...part, fromOffset: 6, toOffset: SIZE + 1, part: "" }));
    await rejects(
      "conflict",
      files.advance({ ...part, fromOffset: 6, toOffset: 8, storeId: "multi-2", part: "" }),
    );
    const moved = await files.advance({ ...part, fromOffset: 6, toOffset: SIZE, part: "tag-2" });
    assert.deepEqual([moved.offset, moved.storeId, moved.parts], [SIZE, "multi-1", ["tag-1", "tag-2"]]);

    const file = await complete(world, ann, id, sha(77));
    assert.deepEqual(
      [file.complete, file.sha256, file.width, file.thumbnailMime, file.thumbnailSize, file.key],
      [true, sha(77), 4, "image/jpeg", 5, begun.key],
    );
    assert.deepEqual(await complete(world, ann, id, sha(78)), file, "again is the same");
    await rejects("file_not_found", files.upload({ id, userId: ann }));
    assert.deepEqual(await files.get({ id, userId: ann }), file);
  });

  test("files: of two who continue at one place at once, one wins", async (world) => {
    const ann = await world.user();
    const id = await begin(world, ann);
    const results = await Promise.allSettled([1, 2, 3, 4].map((to) => advance(world, ann, id, 0, to)));
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  });

  test("files: quota counts what is there and what is on its way; uploads under way have a limit", async (world) => {
    const [ann, bob] = await world.users(2);
    await upload(world, ann);
    await begin(world, ann, { quota: 30 });
    const [third, fourth] = await Promise.allSettled([
      begin(world, ann, { quota: 30 }),
      begin(world, ann, { quota: 30 }),
    ]);
    assert.deepEqual([third.status, fourth.status].sort(), ["fulfilled", "rejected"]);
    await rejects("quota_exceeded", begin(world, ann, { quota: 30, size: 1 }));
    await begin(world, bob, { quota: 30 });
    await rejects("too_many", begin(world, ann, { maxOpen: 2 }));
    assert.ok(await begin(world, ann, { maxOpen: 3 }));
  });

  test("files: a message may refer to what its sender owns or may see, and to nothing else", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const [annBob, bobCarl] = [await world.direct(ann, bob), await world.direct(bob, carl)];
    const [id, unfinished] = [await upload(world, ann), await begin(world, ann)];
    await rejects("file_not_found", send(world, annBob, bob, imageOf(id)));
    await rejects("file_not_found", send(world, annBob, ann, imageOf(unfinished)));
    await rejects("file_not_found", send(world, annBob, ann, imageOf(NOBODY)));
    assert.equal((await world.view(annBob, ann)).lastSeq, 0, "nothing was stored");
    assert.equal(await mayRead(world, id, bob), false);

    await send(world, annBob, ann, imageOf(id));
    assert.ok(await mayRead(world, id, bob));
    assert.equal(await mayRead(world, id, carl), false);
    // Bob sends it on: by itself, and within merged ones.
    await send(world, bobCarl, bob, { type: "merged", items: [{ content: imageOf(id) }] });
    assert.ok(await mayRead(world, id, carl));
  });

  test("files: one bad message of a batch does not disturb the others; a repeat needs the file no more", async (world) => {
    const [ann, bob] = await world.users(2);
    const direct = await world.direct(ann, bob);
    const id = await upload(world, ann);
    const [good, bad, text] = await Promise.allSettled([
      send(world, direct, ann, imageOf(id), "good"),
      send(world, direct, bob, imageOf(NOBODY)),
      world.say(direct, bob, "hello"),
    ]);
    assert.deepEqual([good, bad, text].map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
    const again = await send(world, direct, ann, imageOf(id), "good");
    assert.ok(again.duplicate);
    assert.equal((await world.view(direct, ann)).lastSeq, 2);
  });

  test("files: who joins later, has left, or has hidden the message may not read its file", async (world) => {
    const [ann, bob, late, gone] = await world.users(4);
    const group = await world.group(ann, bob, gone);
    await world.leave(group, gone);
    const id = await upload(world, ann);
    const { seq } = await send(world, group, ann, imageOf(id));
    await world.add(group, ann, late);
    const seen = async () => await Promise.all([ann, bob, late, gone].map((who) => mayRead(world, id, who)));
    const view = await world.view(group, late);
    assert.deepEqual(await seen(), [true, true, view.firstSeq <= seq, false]);
    await world.leave(group, bob);
    assert.ok(await mayRead(world, id, bob), "it was sent while Bob was there");
    await world.data.log.hide({ conversationId: group, userId: bob, seqs: [seq] });
    assert.equal(await mayRead(world, id, bob), false);
    assert.ok(await mayRead(world, id, ann));
  });

  test("files: a recalled message refers to nothing, nor do its edits", async (world) => {
    const { log } = world.data;
    const [ann, bob] = await world.users(2);
    const direct = await world.direct(ann, bob);
    const [first, second, foreign] = [
      await upload(world, ann),
      await upload(world, ann),
      await upload(world, bob),
    ];
    const { seq } = await send(world, direct, ann, imageOf(first));
    const edit = (body: unknown) =>
      log.change({
        conversationId: direct,
        actorId: ann,
        seq,
        change: { $case: "edit", edit: { body: JSON.stringify(body) } },
      });
    await rejects("file_not_found", edit(imageOf(foreign)));
    await edit(imageOf(second));
    assert.ok(await mayRead(world, first, bob), "what it was stays readable");
    assert.ok(await mayRead(world, second, bob));
    await log.change({
      conversationId: direct,
      actorId: ann,
      seq,
      change: { $case: "recall", recall: { windowMs: DAY_MS } },
    });
    assert.deepEqual(await Promise.all([first, second].map((id) => mayRead(world, id, bob))), [false, false]);
    world.clock.nowMs += DAY_MS;
    assert.equal((await sweep(world)).length, 3, "and foreign, which nobody sent");
    assert.equal(await mayRead(world, first, ann), false);
  });

  test("files: who left before an edit does not get the edit's file", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    const [first, second] = [await upload(world, ann), await upload(world, ann)];
    const { seq } = await send(world, group, ann, imageOf(first));
    await world.leave(group, bob);
    await world.data.log.change({
      conversationId: group,
      actorId: ann,
      seq,
      change: { $case: "edit", edit: { body: JSON.stringify(imageOf(second)) } },
    });
    assert.deepEqual([await mayRead(world, first, bob), await mayRead(world, second, bob)], [true, false]);
  });

  test("files: an avatar is everybody's to see, an avatar that is not there yet nobody's", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await upload(world, ann, { purpose: FilePurpose.FILE_AVATAR });
    assert.ok(await mayRead(world, id, bob));
    const unfinished = await begin(world, ann, { purpose: FilePurpose.FILE_AVATAR });
    assert.equal(await mayRead(world, unfinished, bob), false);
  });

  test("files: a group's picture is one of its changer's avatars, and stays as long as it is shown", async (world) => {
    const { data } = world;
    const [ann, bob] = await world.users(2);
    const avatarOf = async (owner: number) =>
      await upload(world, owner, { purpose: FilePurpose.FILE_AVATAR });
    const urlOf = (id: number) => `/api/v1/files/${id}`;
    const [first, second, bobs] = [await avatarOf(ann), await avatarOf(ann), await avatarOf(bob)];
    const plain = await upload(world, ann);
    const make = (avatar: string) =>
      data.conversations.createGroup({ ownerId: ann, title: "G", memberIds: [], avatar });
    for (const id of [bobs, plain, NOBODY]) await rejects("file_not_found", make(urlOf(id)));
    const conversationId = (await make(urlOf(first))).conversation!.id;
    const update = (avatar: string) => data.groups.update({ conversationId, userId: ann, avatar });
    await rejects("file_not_found", update(urlOf(bobs)));
    world.clock.nowMs += DAY_MS;
    await sweep(world);
    assert.deepEqual(
      [await mayRead(world, first, bob), await mayRead(world, second, bob)],
      [true, false],
      "what is nobody's picture is swept away",
    );
    const third = await avatarOf(ann);
    await update(urlOf(third));
    await rejects("conflict", data.files.remove({ id: third, userId: ann }));
    await update("");
    world.clock.nowMs += DAY_MS;
    assert.equal((await sweep(world)).length, 2);
  });

  test("files: equal bytes are kept once, and as long as one file has them", async (world) => {
    const { files } = world.data;
    const [ann, bob] = await world.users(2);
    const same = sha(4711);
    const one = await upload(world, ann, { sha256: same });
    const { key } = await files.get({ id: one, userId: ann });
    const second = await begin(world, bob);
    const { key: extra } = await files.upload({ id: second, userId: bob });
    await advance(world, bob, second, 0, SIZE);
    assert.equal((await complete(world, bob, second, same)).key, key);
    assert.deepEqual(await sweep(world), [extra], "the second copy is not needed");
    await files.remove({ id: one, userId: ann });
    assert.deepEqual(await sweep(world), []);
    await files.remove({ id: second, userId: bob });
    assert.deepEqual(await sweep(world), [key]);
    assert.deepEqual(await sweep(world), []);
  });

  test("files: many who complete equal bytes at once share one blob", async (world) => {
    const { files } = world.data;
    const users = await world.users(4);
    const same = sha(4712);
    const ids = await Promise.all(users.map((user) => begin(world, user)));
    await Promise.all(ids.map((id, i) => advance(world, users[i], id, 0, SIZE)));
    const done = await Promise.all(ids.map((id, i) => complete(world, users[i], id, same)));
    assert.equal(new Set(done.map(({ key }) => key)).size, 1);
    assert.equal((await sweep(world)).length, 3);
    for (const [i, id] of ids.entries()) await files.remove({ id, userId: users[i] });
    assert.deepEqual(await sweep(world), [done[0].key]);
  });

  test("files: the sweep takes what nobody refers to after its time, and never what somebody does", async (world) => {
    const { files } = world.data;
    const [ann, bob] = await world.users(2);
    const direct = await world.direct(ann, bob);
    const [sent, unsent, abandoned] = [
      await upload(world, ann),
      await upload(world, ann),
      await begin(world, ann),
    ];
    await send(world, direct, ann, imageOf(sent));
    const lost = [(await files.get({ id: unsent, userId: ann })).key];
    lost.push((await files.upload({ id: abandoned, userId: ann })).key);
    await files.advance({
      id: abandoned,
      userId: ann,
      fromOffset: 0,
      toOffset: 5,
      storeId: "multi",
      part: "t",
    });
    world.clock.nowMs += DAY_MS - 1;
    assert.deepEqual(await sweep(world), []);
    world.clock.nowMs += 1;
    const { trash } = await files.sweep({ uploadAgeMs: DAY_MS, idleAgeMs: DAY_MS, limit: 100 });
    assert.deepEqual(trash.map(({ key }) => key).sort(), lost.toSorted());
    assert.equal(trash.find(({ key }) => key === lost[1])?.storeId, "multi");
    assert.deepEqual(await sweep(world), [], "who got it has ten minutes");
    assert.deepEqual((await files.known({ keys: [...lost, "stray"] })).keys.sort(), lost.toSorted());
    world.clock.nowMs += 10 * 60_000;
    assert.deepEqual((await sweep(world)).sort(), lost.toSorted(), "who got it died");
    assert.deepEqual((await files.known({ keys: lost })).keys, []);
    assert.ok(await mayRead(world, sent, bob));
    assert.equal(await mayRead(world, unsent, ann), false);
  });

  test("files: sending and sweeping at once: the message has its file, or was refused", async (world) => {
    const [ann, bob] = await world.users(2);
    const direct = await world.direct(ann, bob);
    const ids = await Promise.all(Array.from({ length: 8 }, () => upload(world, ann)));
    world.clock.nowMs += DAY_MS;
    const sweeping = sweep(world);
    const sends = await Promise.allSettled(ids.map((id) => send(world, direct, ann, imageOf(id))));
    await sweeping;
    for (const [i, { status }] of sends.entries()) {
      assert.equal(await mayRead(world, ids[i], bob), status === "fulfilled");
    }
  });

  test("files: their owner drops what nothing refers to; all of a user's are erased whoever refers to them", async (world) => {
    const { files } = world.data;
    const [ann, bob] = await world.users(2);
    const direct = await world.direct(ann, bob);
    const ids = [await upload(world, ann), await upload(world, ann), await begin(world, ann)];
    const others = await upload(world, bob);
    await send(world, direct, ann, imageOf(ids[0]));
    await rejects("conflict", files.remove({ id: ids[0], userId: ann }));
    await files.remove({ id: ids[1], userId: bob });
    assert.ok(await mayRead(world, ids[1], ann), "not Bob's to drop");
    await files.remove({ id: ids[1], userId: ann });
    await files.remove({ id: ids[1], userId: ann });
    assert.deepEqual(await files.removeOf({ userId: ann, limit: 1 }), { more: true });
    assert.deepEqual(await files.removeOf({ userId: ann, limit: 1 }), { more: false });
    assert.equal(await mayRead(world, ids[0], bob), false);
    assert.ok(await mayRead(world, others, bob));
    assert.equal((await sweep(world)).length, 3);
  });
}
