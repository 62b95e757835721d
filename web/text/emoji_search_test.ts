import assert from "node:assert/strict";
import { EMOJI } from "./emoji.ts";
import { searchEmoji } from "./emoji_search.ts";

Deno.test("emoji: found by words of either language, by all of them, never too many", () => {
  assert.ok(searchEmoji("thumbs up").includes("👍️") || searchEmoji("thumbs up").includes("👍"));
  assert.ok(searchEmoji("笑").length > 3);
  assert.ok(searchEmoji("cat").length > 3);
  assert.deepEqual(searchEmoji("  "), []);
  assert.deepEqual(searchEmoji("no such thing at all"), []);
  assert.ok(searchEmoji("a").length <= 60);
});

Deno.test("emoji: each is there once, and is one that the server takes as a reaction", () => {
  const all = EMOJI.flat().map(([emoji]) => emoji);
  assert.equal(new Set(all).size, all.length);
  assert.ok(all.length > 1_000 && all.length < 2_500, String(all.length));
  // As in wire/operations/messages.ts.
  const one =
    /^(?:\p{RI}{2}|(?!\u200D)(?=.*[\p{ExtPict}\u20E3])(?:(?:^|\u200D)[\p{Emoji}\p{ExtPict}](?:\p{EMod}|\uFE0F?\u20E3|\uFE0F|[\u{E0020}-\u{E007E}]+\u{E007F})?)+)$/u;
  assert.deepEqual(all.filter((emoji) => !one.test(emoji) || emoji.length > 32), []);
});
