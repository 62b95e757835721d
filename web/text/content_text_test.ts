import assert from "node:assert/strict";
import { oneLine, shownContent } from "./content_text.ts";
import { en } from "./en.ts";
import { zh } from "./zh.ts";

const file = { url: "/f/1", name: "plan.pdf", size: 1, mime: "application/pdf" };

Deno.test("oneLine: every type of content has its words, in both languages", () => {
  const cases: [content: Record<string, unknown>, en: string, zh: string][] = [
    [{ type: "text", text: "two\nlines" }, "two lines", "two lines"],
    [{ type: "file", file }, "[File] plan.pdf", "[文件] plan.pdf"],
    [{ type: "image", file, caption: "look" }, "[Image] plan.pdf look", "[图片] plan.pdf look"],
    [{ type: "voice", file }, "[Voice] plan.pdf", "[语音] plan.pdf"],
    [{ type: "voice", file, durationMs: 65_400 }, "[Voice] 1:05", "[语音] 1:05"],
    [{ type: "video", file }, "[Video] plan.pdf", "[视频] plan.pdf"],
    [
      { type: "location", latitude: 1, longitude: -2.5 },
      "[Location] 1.00000, -2.50000",
      "[位置] 1.00000, -2.50000",
    ],
    [{ type: "location", name: "Zoo", address: "A 1" }, "[Location] Zoo A 1", "[位置] Zoo A 1"],
    [{ type: "card", userId: "1" }, "Contact card", "名片"],
    [{ type: "custom", name: "poll", data: {}, fallback: "A poll" }, "A poll", "A poll"],
    [{ type: "merged", title: "Talk", items: [] }, "[Messages] Talk", "[聊天记录] Talk"],
    [{ type: "recalled" }, "Message recalled", "消息已撤回"],
    [{ type: "hologram" }, "This message cannot be shown here", "当前版本暂不支持显示此消息"],
    [{ type: "file", file: null }, "This message cannot be shown here", "当前版本暂不支持显示此消息"],
  ];
  for (const [content, english, chinese] of cases) {
    assert.equal(oneLine(content, en), english);
    assert.equal(oneLine(content, zh), chinese);
  }
});

Deno.test("shownContent: messages sent on together show their first lines, however deep they go", () => {
  const item = (text: string) => ({
    senderId: "2",
    senderName: "Bob",
    at: 1,
    content: { type: "text", text },
  });
  const items = ["a", "b", "c", "d", "e"].map(item);
  const { words, lines } = shownContent({ type: "merged", items }, en);
  assert.equal(words, "5 messages");
  assert.deepEqual(lines, ["Bob: a", "Bob: b", "Bob: c", "Bob: d", "…"]);
  const within = shownContent({
    type: "merged",
    items: [{ ...item(""), content: { type: "merged", items } }],
  }, en);
  assert.deepEqual(within.lines, ["Bob: [Messages] 5 messages"]);
  assert.deepEqual(shownContent({ type: "merged", items: [null, 3] }, en).lines, []);
});
