import assert from "node:assert/strict";
import { Entry } from "../../wire/schemas.ts";
import { en } from "./en.ts";
import { tellEvent } from "./event_text.ts";
import { zh } from "./zh.ts";

const call = (id: string) => `<${id}>`;
const naming = { subject: call, object: call, list: (names: string[]) => names.join(", ") };
const KINDS = Entry.shape.kind.options.filter((kind) => /^(group|member)\./.test(kind));

/** What the server writes; a list where a kind has several sentences. */
const CONTENTS: Record<string, Record<string, unknown>[]> = {
  "group.created": [{ title: "T", memberIds: ["1", "2"] }],
  "group.updated": [{ title: "T" }, { approval: true }],
  "group.announced": [{ text: "Hear" }, { text: "" }],
  "group.muted": [{ until: 5 }, { until: null }],
  "group.transferred": [{ memberId: "2" }],
  "group.dissolved": [{}],
  "member.added": [{ memberIds: ["2", "3"] }, { memberIds: ["1"] }],
  "member.left": [{ memberId: "1" }, { memberId: "1", heirId: "2" }],
  "member.removed": [{ memberId: "2" }],
  "member.banned": [{ memberId: "2" }],
  "member.unbanned": [{ memberId: "2" }],
  "member.role": [{ memberId: "2", role: "admin" }, { memberId: "2", role: "member" }],
  "member.muted": [{ memberId: "2", until: 5 }, { memberId: "2", until: null }],
  "member.renamed": [{ memberId: "1", nickname: "Nick" }, { memberId: "1", nickname: "" }],
};

Deno.test("each thing that happens in a group has a sentence of its own, in both languages", () => {
  assert.deepEqual(Object.keys(CONTENTS).sort(), [...KINDS].sort());
  for (const t of [en, zh]) {
    const all = Object.entries(CONTENTS).flatMap(([kind, contents]) =>
      contents.map((content) => {
        const entry = { seq: 1, kind: kind as Entry["kind"], senderId: "1", at: 1, messageNo: 0, content };
        const words = tellEvent(entry, t, naming);
        assert.ok(words.includes("<1>") && !words.includes(kind), words);
        assert.notEqual(words, t.unknownEvent("<1>"), kind);
        if ("memberId" in content && content.memberId === "2") assert.ok(words.includes("<2>"), words);
        return words;
      })
    );
    assert.equal(new Set(all).size, all.length);
  }
});

Deno.test("to oneself it speaks as one speaks", () => {
  const you = {
    ...naming,
    subject: (id: string) => id === "1" ? "You" : id,
    object: (id: string) => id === "1" ? "you" : id,
  };
  const tell = (kind: string, senderId: string, content: Entry["content"]) =>
    tellEvent({ seq: 1, kind: kind as Entry["kind"], senderId, at: 1, messageNo: 0, content }, en, you);
  const told = [
    tell("member.left", "Ann", { memberId: "Ann", heirId: "1" }),
    tell("member.added", "Ann", { memberIds: ["1", "Bob"] }),
    tell("member.removed", "Ann", { memberId: "1" }),
    tell("member.renamed", "1", { memberId: "1", nickname: "Nick" }),
    tell("member.renamed", "1", { memberId: "1", nickname: "" }),
  ];
  assert.deepEqual(told, [
    "Ann left; the group now belongs to you",
    "Ann added you, Bob",
    "Ann removed you",
    "You chose the nickname “Nick” here",
    "You gave up the nickname here",
  ]);
});

Deno.test("a kind that is newer than the page is told in general", () => {
  const entry = {
    seq: 1,
    kind: "group.painted" as Entry["kind"],
    senderId: "1",
    at: 1,
    messageNo: 0,
    content: {},
  };
  assert.equal(tellEvent(entry, en, naming), "<1> changed something in the group");
});
