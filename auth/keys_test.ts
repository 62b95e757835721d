import assert from "node:assert/strict";
import { join } from "node:path";
import { formatKeys, generateKeys, loadKeys, loadOrCreateKeys, parseKeys } from "./keys.ts";

// Off by default since Deno 2.8; here a timer, a file or a worker left behind is a fault.
Deno.test.sanitizer({ ops: true, resources: true });

const NOW = 1_700_000_000_000;

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("generateKeys: one HS256 key of 32 bytes, another each time", () => {
  const [a, b] = [generateKeys(NOW), generateKeys(NOW)];
  assert.equal(a.keys.length, 1);
  assert.equal(a.keys[0].secret().length, 32);
  assert.equal(a.keys[0].createdAt, NOW);
  assert.notEqual(a.keys[0].kid, b.keys[0].kid);
  assert.notDeepEqual(a.keys[0].secret(), b.keys[0].secret());
});

Deno.test("formatKeys, parseKeys: a round trip keeps every key and their order", () => {
  const keys = { keys: [1, 2, 3].map((n) => generateKeys(NOW + n).keys[0]) };
  const text = formatKeys(keys);
  const { keys: rows } = JSON.parse(text);
  assert.deepEqual(Object.keys(rows[0]), ["kid", "alg", "k", "createdAt"]);
  const read = parseKeys(text);
  assert.deepEqual(read.keys.map((key) => key.kid), keys.keys.map((key) => key.kid));
  read.keys.forEach((key, n) => assert.deepEqual(key.secret(), keys.keys[n].secret()));
  assert.equal(formatKeys(read), text);
});

Deno.test("SigningKey: neither a log nor JSON shows the secret, and a caller cannot change it", () => {
  const keys = generateKeys(NOW);
  const { k } = JSON.parse(formatKeys(keys)).keys[0];
  const before = keys.keys[0].secret();
  keys.keys[0].secret().fill(0);
  assert.deepEqual(keys.keys[0].secret(), before);
  const shown = Deno.inspect(keys, { depth: 9, showHidden: true }) + JSON.stringify(keys) +
    String(keys.keys[0]);
  for (const leak of [k, before.toHex(), before.join(", "), `${before[0]}, ${before[1]}, ${before[2]}`]) {
    assert.ok(!shown.includes(leak));
  }
});

const SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I";
const row = (change: Record<string, unknown> = {}) => ({
  kid: "a",
  alg: "HS256",
  k: SECRET,
  createdAt: NOW,
  ...change,
});
const file = (...rows: unknown[]) => JSON.stringify({ keys: rows });
const badFiles: [what: string, text: string, message: RegExp][] = [
  ["no text", "", /not valid JSON/],
  ["half a file", file(row()).slice(0, -20), /not valid JSON/],
  ["a bare secret", SECRET, /not valid JSON/],
  ["null", "null", /list "keys"/],
  ["a list", "[]", /list "keys"/],
  ["keys that are no list", '{"keys":{}}', /list "keys"/],
  ["no key", file(), /"keys" is empty/],
  ["too many keys", file(...Array.from({ length: 101 }, (_, n) => row({ kid: `k${n}` }))), /more than 100/],
  ["another field", JSON.stringify({ keys: [row()], [SECRET]: 1 }), /a field beside/],
  ["a key that is null", file(row(), null), /keys\[1\] must be an object/],
  ["another field in a key", file(row({ [SECRET]: 1 })), /keys\[0\] has a field other/],
  ["no kid", file(row({ kid: undefined })), /keys\[0\]\.kid/],
  ["an empty kid", file(row({ kid: "" })), /keys\[0\]\.kid/],
  ["a kid with a line end", file(row({ kid: "a\n" })), /keys\[0\]\.kid/],
  [
    "the same kid twice",
    file(row(), row({ kid: "b" }), row()),
    /keys\[2\]\.kid is the same as keys\[0\]\.kid/,
  ],
  ["another algorithm", file(row({ alg: "none" })), /keys\[0\]\.alg/],
  ["no secret", file(row({ k: undefined })), /keys\[0\]\.k must be base64url/],
  ["a secret that is a number", file(row({ k: 5 })), /keys\[0\]\.k must be base64url/],
  ["a padded secret", file(row({ k: SECRET + "=" })), /keys\[0\]\.k must be base64url/],
  ["a secret in plain base64", file(row({ k: "+/" + SECRET.slice(2) })), /keys\[0\]\.k must be base64url/],
  ["a secret with a space", file(row({ k: SECRET + " " })), /keys\[0\]\.k must be base64url/],
  ["a short secret", file(row({ k: SECRET.slice(0, 40) })), /keys\[0\]\.k has fewer than 32 bytes/],
  ["a huge secret", file(row({ k: "AAAA".repeat(200) })), /keys\[0\]\.k has more than 512 bytes/],
  ["a date as text", file(row({ createdAt: "2023" })), /keys\[0\]\.createdAt/],
  ["a negative date", file(row({ createdAt: -1 })), /keys\[0\]\.createdAt/],
];
for (const [what, text, message] of badFiles) {
  Deno.test(`parseKeys: refuses ${what} without showing a secret`, () => {
    assert.throws(() => parseKeys(text), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, message);
      assert.ok(!Deno.inspect(error).includes(SECRET.slice(0, 8)));
      return true;
    });
  });
}

Deno.test("loadOrCreateKeys: creates the file for its owner only, then reads it again", () =>
  inFolder(async (folder) => {
    const path = join(folder, "keys.json");
    const first = await loadOrCreateKeys(path, NOW);
    assert.equal(first.created, true);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    const second = await loadOrCreateKeys(path, NOW + 1);
    assert.equal(second.created, false);
    assert.equal(formatKeys(second.keys), formatKeys(first.keys));
    assert.equal(formatKeys(await loadKeys(path)), formatKeys(first.keys));
  }));

Deno.test("loadOrCreateKeys: of many at once one creates, all get its key, nothing is left beside it", () =>
  inFolder(async (folder) => {
    const path = join(folder, "keys.json");
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => loadOrCreateKeys(path, NOW + n)));
    assert.equal(all.filter(({ created }) => created).length, 1);
    assert.equal(new Set(all.map(({ keys }) => formatKeys(keys))).size, 1);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["keys.json"]);
  }));

Deno.test("loadKeys: refuses a file that others may use and says what to do", () =>
  inFolder(async (folder) => {
    const path = join(folder, "keys.json");
    await loadOrCreateKeys(path, NOW);
    for (const mode of [0o640, 0o604, 0o660, 0o644]) {
      await Deno.chmod(path, mode);
      const saysWhatToDo = (error: unknown) => String(error).includes(`chmod 600 ${path}`);
      await assert.rejects(loadKeys(path), saysWhatToDo);
      await assert.rejects(loadOrCreateKeys(path, NOW), saysWhatToDo);
    }
    await Deno.chmod(path, 0o400);
    assert.ok(await loadKeys(path));
  }));

Deno.test("loadOrCreateKeys: never replaces a file that it cannot read", () =>
  inFolder(async (folder) => {
    const path = join(folder, "keys.json");
    await Deno.writeTextFile(path, '{"keys":[', { mode: 0o600 });
    await assert.rejects(loadOrCreateKeys(path, NOW), (error: unknown) => String(error).includes(path));
    assert.equal(await Deno.readTextFile(path), '{"keys":[');
  }));

Deno.test("loadKeys: no file, a folder, a huge file", () =>
  inFolder(async (folder) => {
    await assert.rejects(loadKeys(join(folder, "none.json")), Deno.errors.NotFound);
    await assert.rejects(loadKeys(folder), /is not a file/);
    const huge = join(folder, "huge.json");
    await Deno.writeTextFile(huge, " ".repeat(300_000), { mode: 0o600 });
    await assert.rejects(loadKeys(huge), /too large/);
    await assert.rejects(loadOrCreateKeys(join(folder, "no", "keys.json"), NOW), Deno.errors.NotFound);
  }));
