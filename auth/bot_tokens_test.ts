import assert from "node:assert/strict";
import { isBotToken, newBotToken, parseBotToken } from "./bot_tokens.ts";

Deno.test("a bot's token is read back as its id and the hash of its secret, and no two are alike", () => {
  const [one, other] = [newBotToken(7), newBotToken(7)];
  assert.notEqual(one.token, other.token);
  assert.match(one.token, /^imb_7_[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(parseBotToken(one.token), { id: 7, hash: one.hash });
  assert.ok(isBotToken(one.token));
  assert.ok(!one.token.includes(one.hash));
});

Deno.test("what could not be a bot's token is none", () => {
  const { token } = newBotToken(7);
  for (
    const odd of [
      "",
      "imb_",
      "imb_7_",
      `${token}x`,
      ` ${token}`,
      token.slice(4),
      token.replace("imb_7", "imb_07"),
    ]
  ) {
    assert.equal(parseBotToken(odd), null, odd);
  }
  assert.equal(parseBotToken(`imb_9999999999999999_${"x".repeat(43)}`), null, "an id beyond 2^53");
});
