import assert from "node:assert/strict";
import { joinWords } from "./join_words.ts";

Deno.test("joinWords: a space where Chinese and Latin meet, and nowhere within a part", () => {
  assert.equal(joinWords("alice", "邀请", "小波", "加入了群聊"), "alice 邀请小波加入了群聊");
  assert.equal(joinWords("小波", "邀请", "Bob2", "加入了群聊"), "小波邀请 Bob2 加入了群聊");
  assert.equal(joinWords("Carol卡罗", "退出了群聊"), "Carol卡罗退出了群聊");
  assert.equal(joinWords("", "“x”", "和", "É"), "“x”和 É");
});
