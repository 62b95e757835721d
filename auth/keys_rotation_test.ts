import assert from "node:assert/strict";
import { join } from "node:path";
import { generateKeys, KEPT_AFTER_MS, loadKeys, loadOrCreateKeys, rotated, rotateKeys } from "./keys.ts";
import { signerOf, SIGNS_AFTER_MS } from "./keys.ts";
import { createTokens } from "./tokens.ts";

const NOW = 1_700_000_000_000;
const BOB = { userId: 42, sessionId: 7, role: "user" } as const;

Deno.test("rotation: a new key verifies at once and signs only when every gateway has read it", () => {
  const old = generateKeys(NOW - SIGNS_AFTER_MS);
  const set = rotated(old, NOW);
  assert.equal(set.keys.length, 2);
  assert.equal(set.keys[1], old.keys[0]);
  assert.equal(signerOf(set, NOW), old.keys[0]);
  assert.equal(signerOf(set, NOW + SIGNS_AFTER_MS - 1), old.keys[0]);
  assert.equal(signerOf(set, NOW + SIGNS_AFTER_MS), set.keys[0]);
});

Deno.test("rotation: a first key signs, however new; one that signed stays as long as its tokens may be good", () => {
  const first = generateKeys(NOW);
  assert.equal(signerOf(first, NOW), first.keys[0]);
  const second = rotated(first, NOW + 1);
  assert.equal(signerOf(second, NOW + 1), first.keys[0], "of two new ones the one that others know");
  const replacedAt = NOW + 1 + SIGNS_AFTER_MS;
  const kids = (now: number) => rotated(second, now).keys.map(({ kid }) => kid);
  assert.ok(kids(replacedAt + KEPT_AFTER_MS - 1).includes(first.keys[0].kid));
  assert.ok(!kids(replacedAt + KEPT_AFTER_MS).includes(first.keys[0].kid));
});

Deno.test("rotation: done too often it is refused, and no key in use is dropped for it", () => {
  let set = generateKeys(NOW);
  for (let i = 1; i < 100; i++) set = rotated(set, NOW + i);
  assert.equal(set.keys.length, 100);
  assert.throws(() => rotated(set, NOW + 100), /100 keys may still be in use; rotate again in an hour/);
  assert.equal(rotated(set, NOW + 100 + SIGNS_AFTER_MS + KEPT_AFTER_MS).keys.length, 2);
});

Deno.test("rotation: gateways that hear of it at different times refuse none of each other's tokens", async () => {
  let now = NOW;
  const before = generateKeys(NOW - SIGNS_AFTER_MS);
  const [here, there] = [1, 2].map(() => createTokens(before, { now: () => now }));
  const earlier = await here.issue(BOB);
  const after = rotated(before, now);
  here.useKeys(after);
  assert.equal((await there.verify(await here.issue(BOB))).userId, 42, "there knows only the old key");
  there.useKeys(after);
  now += SIGNS_AFTER_MS;
  assert.equal((await there.verify(await here.issue(BOB))).userId, 42);
  assert.equal((await here.verify(earlier)).userId, 42, "issued before the rotation");
  here.useKeys({ keys: after.keys.slice(0, 1) });
  await assert.rejects(here.verify(earlier), { code: "token_invalid" });
});

Deno.test("rotation: the file is replaced whole, for its owner only, through a link too", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [path, link] = [join(folder, "keys.json"), join(folder, "link.json")];
    const { keys: [first] } = (await loadOrCreateKeys(path, NOW)).keys;
    await Deno.symlink(path, link);
    const told = await rotateKeys(link, NOW + 1);
    assert.deepEqual((await loadKeys(path)).keys.map(({ kid }) => kid), [told.keys[0].kid, first.kid]);
    assert.ok((await Deno.lstat(link)).isSymlink);
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    assert.deepEqual(names, ["keys.json", "link.json"], "nothing else is left there");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
