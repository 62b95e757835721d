import assert from "node:assert/strict";
import { Content, contentBytes, MAX_CONTENT_BYTES } from "./content.ts";
import { operations } from "./operations.ts";

const file = { url: "https://files.example/a.png", name: "a.png", size: 1234, mime: "image/png" };

/** Something valid of each type, with every field. */
const VALID: Record<string, Record<string, unknown>> = {
  text: { text: "你好 👋\nline \u0007" },
  image: { file, width: 1, height: 100_000, thumbnail: "/api/v1/files/12/thumbnail", caption: "a caption" },
  file: { file: { ...file, url: "/api/v1/files/1", size: 0 }, caption: "a caption" },
  voice: { file: { ...file, mime: "audio/ogg" }, durationMs: 0, waveform: [0, 128, 255] },
  video: { file, durationMs: 86_400_000, width: 640, height: 480, thumbnail: file.url, caption: "a caption" },
  location: { latitude: -90, longitude: 180, name: "somewhere", address: "a street" },
  card: { userId: "1" },
  custom: { name: "shop.order-1_a", data: { order: { lines: [1, null, true, "x"] } }, fallback: "an order" },
};
const OPTIONAL = ["thumbnail", "caption", "waveform", "name", "address"];

const accepts = (content: unknown) => Content.safeParse(content).success;
const nested = (levels: number) => JSON.parse(`{"a":`.repeat(levels - 1) + "{}" + "}".repeat(levels - 1));

Deno.test("a valid content of each type is taken as it is, with what any message may carry, or without", () => {
  const types = Content.options.map((option) => option.shape.type.value);
  assert.deepEqual(Object.keys(VALID), types);
  for (const [type, fields] of Object.entries(VALID)) {
    const mentions = { userIds: ["1", "9007199254740991"], everyone: true };
    for (const extra of [{}, { replyTo: 1 }, { mentions }, { replyTo: 9, mentions: {} }]) {
      const content = { type, ...fields, ...extra };
      assert.deepEqual(Content.parse(content), content);
      // The order of fields is the schema's; what is stored is the same for every order a client writes.
      const turned = Object.fromEntries(Object.entries(content).reverse());
      assert.equal(JSON.stringify(Content.parse(turned)), JSON.stringify(Content.parse(content)));
    }
  }
});

Deno.test("a field that is missing or unknown is refused in every type", () => {
  for (const [type, fields] of Object.entries(VALID)) {
    assert.ok(!accepts({ type, ...fields, colour: "red" }), type);
    assert.ok(!accepts({ type, ...fields, forwardedFrom: { senderId: "1", senderName: "Ann" } }), type);
    for (const field of Object.keys(fields)) {
      const { [field]: _, ...rest } = fields;
      const isOptional = OPTIONAL.includes(field) && !(type === "custom" && field === "name");
      assert.equal(accepts({ type, ...rest }), isOptional, `${type} without ${field}`);
      assert.ok(!accepts({ type, ...fields, [field]: null }), `${type} with ${field}: null`);
    }
  }
});

Deno.test("what only the server writes cannot be sent", () => {
  for (const type of ["merged", "recalled", "hidden", "system", "", "Text", null, undefined, 1, ["text"]]) {
    assert.ok(!accepts({ type }), `${type}`);
    assert.ok(!accepts({ type, text: "hello" }), `${type}`);
    assert.ok(!accepts({ type, title: "t", items: [] }), `${type}`);
  }
  for (const none of [null, [], "text", 1, {}]) assert.ok(!accepts(none));
});

/** Each is a valid content of its type with one thing wrong. */
const INVALID: Record<string, Record<string, unknown>[]> = {
  text: [
    { text: "" },
    { text: " \n\t\u3000" },
    { text: " \u200b " },
    { text: "\u200d\ufe0f\u2060\ufeff\u3164\u2800" },
    { text: "x".repeat(16_001) },
    { text: "a\0b" },
    { text: "\ud800" },
    { text: "x\udc00x" },
    { text: 5 },
    { text: ["hello"] },
    { replyTo: 0 },
    { replyTo: -1 },
    { replyTo: 1.5 },
    { replyTo: "1" },
    { replyTo: 2 ** 53 },
    { mentions: ["1"] },
    { mentions: { userIds: "1" } },
    { mentions: { userIds: ["0"] } },
    { mentions: { userIds: ["x"] } },
    { mentions: { userIds: [1] } },
    { mentions: { userIds: Array(101).fill("1") } },
    { mentions: { everyone: false } },
    { mentions: { here: true } },
  ],
  image: [
    { width: 0 },
    { height: 100_001 },
    { width: 1.5 },
    { width: "1" },
    { caption: "" },
    { caption: "x".repeat(2001) },
    { thumbnail: "javascript:alert(1)" },
    ...badUrls().map((url) => ({ file: { ...file, url } })),
    ...badUrls().map((thumbnail) => ({ thumbnail })),
  ],
  file: [
    { file: { ...file, name: "" } },
    { file: { ...file, name: "x".repeat(256) } },
    { file: { ...file, name: "a\0.png" } },
    { file: { ...file, name: "\u200b" } },
    { file: { ...file, name: "a\u202egnp.exe" } },
    { file: { ...file, name: "a\nb.png" } },
    { file: { ...file, url: "/api/v1/files/1/thumbnail" } },
    { file: { ...file, name: "\ud83d.png" } },
    { file: { ...file, size: -1 } },
    { file: { ...file, size: 0.5 } },
    { file: { ...file, size: NaN } },
    { file: { ...file, size: Infinity } },
    { file: { ...file, size: 2 ** 53 } },
    { file: { ...file, mime: "image" } },
    { file: { ...file, mime: "text/html; charset=utf-8" } },
    { file: { ...file, mime: `a/${"b".repeat(126)}` } },
    { file: { ...file, hash: "x" } },
    { file: "https://files.example/a.png" },
  ],
  voice: [
    { durationMs: -1 },
    { durationMs: 86_400_001 },
    { durationMs: 1.5 },
    { waveform: [256] },
    { waveform: [-1] },
    { waveform: [0.5] },
    { waveform: Array(257).fill(1) },
    { caption: "voices have none" },
  ],
  video: [{ durationMs: "1" }, { height: 0 }, { width: null }, { thumbnail: "//evil.example/x" }],
  location: [
    { latitude: 90.1 },
    { latitude: -91 },
    { longitude: 180.5 },
    { longitude: -181 },
    { latitude: NaN },
    { latitude: Infinity },
    { latitude: JSON.parse("1e999") },
    { longitude: "NaN" },
    { longitude: "12" },
    { name: "x".repeat(201) },
    { address: "x".repeat(501) },
    { name: "" },
  ],
  card: [{ userId: 1 }, { userId: "" }, { userId: "01" }, { userId: "-1" }, { userId: "1".repeat(17) }],
  custom: [
    { name: "" },
    { name: "x".repeat(65) },
    { name: "a b" },
    { name: "名" },
    { data: [] },
    { data: "x" },
    { fallback: "" },
    { fallback: "x".repeat(2001) },
    { data: { a: ["x\0"] } },
    { data: { a: { b: "\udfff" } } },
    { data: { "a\0": 1 } },
    { data: { a: { "\ud800": 1 } } },
    { data: nested(33) },
    { data: JSON.parse(`{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`) },
  ],
};

function badUrls(): string[] {
  return [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "/ok\njavascript:alert(1)",
    "https://x/\njavascript:alert(1)",
    "data:image/png;base64,AAAA",
    "http://files.example/a.png",
    "ftp://files.example/a.png",
    "//evil.example/a.png",
    "/\\evil.example/a.png",
    "/setup",
    "/files/1",
    "/api/v1/users/me",
    "/api/v1/files/1?save=true",
    "/api/v1/files/1/info",
    "/api/v1/files/../users/me",
    "\\\\evil.example\\a.png",
    "https://",
    "https:files.example",
    " https://files.example/a.png",
    "https://files.example/a b.png",
    "relative.png",
    "/",
    "",
    "/a\0",
    "/\ud800",
    `https://files.example/${"x".repeat(2048)}`,
  ];
}

for (const [type, faults] of Object.entries(INVALID)) {
  Deno.test(`${type}: what is wrong in one field is refused`, () => {
    assert.ok(accepts({ type, ...VALID[type] }));
    for (const fault of faults) {
      assert.ok(!accepts({ type, ...VALID[type], ...fault }), JSON.stringify(fault).slice(0, 200));
    }
  });
}

Deno.test("a content has at most 64 KiB as JSON in UTF-8, whatever its fields allow", () => {
  const custom = (data: Record<string, unknown>) => ({ type: "custom", name: "a", data, fallback: "f" });
  const room = MAX_CONTENT_BYTES - contentBytes(custom({ a: "" }));
  assert.ok(accepts(custom({ a: "x".repeat(room) })));
  assert.ok(!accepts(custom({ a: "x".repeat(room + 1) })));
  assert.ok(accepts(custom({ a: "语".repeat(Math.floor(room / 3)) })));
  assert.ok(!accepts(custom({ a: "语".repeat(Math.ceil(room / 3) + 1) })), "bytes and not characters");
  assert.ok(!accepts(custom({ a: "\n".repeat(room / 2 + 1) })), "as it is written in JSON");
  assert.ok(accepts({ type: "text", text: "😀".repeat(8_000) }), "the longest text fits");
  assert.ok(accepts({ type: "text", text: "语".repeat(16_000) }));
  assert.ok(accepts(custom(nested(32))));
});

Deno.test("a reaction is one emoji", () => {
  const { emoji } = operations["reaction.add"].input.shape;
  const good = ["👍", "👍🏽", "❤", "❤️", "☺️", "1️⃣", "#️⃣", "🇩🇪", "👨‍👩‍👧‍👦", "👩🏻‍❤️‍💋‍👨🏻", "🏳️‍🌈", "🕵🏽‍♂️"];
  good.push("\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}", "👁️‍🗨️", "🫠", "©️");
  for (const one of good) assert.ok(emoji.safeParse(one).success, one);
  const bad = [
    "",
    "a",
    "1",
    "#",
    "好",
    " 👍",
    "👍 ",
    "👍👍",
    "👍a",
    "👍1",
    "<👍>",
    "🇩",
    "🇩🇪🇫🇷",
    "\u200D",
    "🏽",
    ":)",
  ];
  bad.push(
    "👍\0",
    "👍\ud800",
    "👍\u200D",
    "\u200D👍",
    "👍\n",
    "👍\u202e",
    "👨‍".repeat(16) + "👨",
    "__proto__",
  );
  for (const one of bad) assert.ok(!emoji.safeParse(one).success, JSON.stringify(one));
});
