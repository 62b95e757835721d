import assert from "node:assert/strict";
import type { SearchHit, SearchPlace, SearchRequest } from "../../data/service.ts";
import { change, changed, edit, hide, recall } from "./data_changes.ts";
import { type Case, NOBODY, range, rejects, type World } from "./data_world.ts";

/** Search: who finds what, by which words, in what order. */
export function searchCases(test: Case): void {
  test("search: finds what was just said, by Chinese words of any length and by others from their beginning", async (world) => {
    const [ann, bob] = await world.users(2);
    const direct = await world.direct(ann, bob);
    const texts = [
      "你好世界",
      "我的iPhone手机坏了",
      "Hello brave new World",
      "concatenate snake_case don't C++",
      "Crème BRÛLÉE Straße ﬁlm",
      "👍🏽 great ❤️ 👨‍👩‍👧",
      "ひらがなとカタカナ 한국어입니다",
      "Ｈｅｌｌｏ　ｆｕｌｌ",
      "Привет мир",
      "v2.10.3 at 10:30",
      "สวัสดีชาวโลก",
    ];
    for (const text of texts) await world.say(direct, ann, text);
    const finds = async (query: string, ...expected: number[]) =>
      assert.deepEqual(await textsOf(world, bob, query), expected.map((i) => texts[i]), query);
    await finds("你好", 0);
    await finds("好世界", 0);
    await finds("界", 0);
    await finds("好", 0);
    await finds("世 界 好", 0);
    await finds("好你");
    await finds("你世");
    await finds("手机", 1);
    await finds("iphone手机", 1);
    await finds("IPHONE", 1);
    await finds("phone");
    await finds("hello", 7, 2);
    await finds("HEL wor", 2);
    await finds("ello");
    await finds('"brave new"', 2);
    await finds("“new  brave”");
    await finds('new" brave', 2);
    await finds("cat");
    await finds("conc", 3);
    await finds("case", 3);
    await finds("don't", 3);
    await finds("dont");
    await finds("c++", 3);
    await finds("creme brulee", 4);
    await finds("CRÈME", 4);
    await finds("STRASSE", 4);
    await finds("film", 4);
    await finds("👍", 5);
    await finds("👍🏽", 5);
    await finds("❤", 5);
    await finds("👧", 5);
    await finds("カタカナ", 6);
    await finds("국어", 6);
    await finds("full", 7);
    await finds("ПРИВЕТ", 8);
    await finds("v2.10", 9);
    await finds("2.10");
    await finds("10:3", 9);
    await finds("10", 9);
    await finds("ชาว", 10);
    await finds("nothing");
  });

  test("search: says where, in the text as it was written", async (world) => {
    const [ann, bob] = await world.users(2);
    const direct = await world.direct(ann, bob);
    const text = "<b>Straße</b> 你好，你好 ❤️ strasse ab";
    await world.say(direct, ann, text);
    const marked = async (query: string) => {
      const [hit] = await found(world, { userId: ann, query });
      return hit?.highlights.map(({ field, start, length }) => [field, text.slice(start, start + length)]);
    };
    assert.deepEqual(await marked("strasse"), [["text", "Straße"], ["text", "strasse"]]);
    assert.deepEqual(
      await marked("好 ❤ b"),
      [
        ["text", "b"],
        ["text", "b"],
        ["text", "好"],
        ["text", "好"],
        ["text", "❤️"],
      ].toSorted((a, b) => text.indexOf(a[1]) - text.indexOf(b[1])),
    );
    assert.deepEqual(await marked("asse"), undefined);
    assert.deepEqual(await marked("你好 好"), [["text", "你好"], ["text", "你好"]]);
  });

  test("search: looks at captions, names of files and places, and what was forwarded", async (world) => {
    const [ann, bob] = await world.users(2);
    const direct = await world.direct(ann, bob);
    const file = { url: "/f/secret", name: "Quarterly report 报告.pdf", size: 1, mime: "application/pdf" };
    const contents = [
      { type: "file", file, caption: "please read" },
      { type: "location", latitude: 1, longitude: 2, name: "咖啡馆", address: "Main Street 5" },
      { type: "custom", name: "poll.v1", data: { question: "invisible" }, fallback: "A poll" },
      {
        type: "merged",
        title: "Chat of two",
        items: [{ senderId: "1", content: { type: "text", text: "inner 里面" } }],
      },
    ];
    for (const content of contents) await sayContent(world, direct, ann, content);
    const fields = async (query: string) =>
      (await found(world, { userId: bob, query })).map(({ highlights }) =>
        highlights.map(({ field }) => field)
      );
    assert.deepEqual(await fields("report"), [["file.name"]]);
    assert.deepEqual(await fields("报告 please"), [["caption", "file.name"]]);
    assert.deepEqual(await fields("咖啡 street"), [["name", "address"]]);
    assert.deepEqual(await fields("poll"), [["fallback"]]);
    assert.deepEqual(await fields("里面"), [["items.0.content.text"]]);
    assert.deepEqual(await fields("chat"), [["title"]]);
    for (const query of ["secret", "invisible", "application", "location", "text"]) {
      assert.deepEqual(await fields(query), [], query);
    }
  });

  test("search: filters by conversation, sender, kind and time", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob, carl);
    const direct = await world.direct(ann, bob);
    const at = world.clock.nowMs;
    const seqs: number[] = [];
    for (const [place, sender] of [[group, ann], [group, bob], [direct, ann], [direct, bob]] as const) {
      world.clock.nowMs += 1_000;
      seqs.push((await world.say(place, sender, "word")).seq);
    }
    world.clock.nowMs += 1_000;
    await sayContent(world, group, carl, { type: "image", caption: "word", file: {} });
    const senders = async (filters: Partial<SearchRequest>) => {
      const hits = await found(world, { userId: ann, query: "word", ...filters });
      return hits.map((
        { conversationId, entry },
      ) => [conversationId === group ? "group" : "direct", entry!.senderId]);
    };
    const all = [["group", carl], ["direct", bob], ["direct", ann], ["group", bob], ["group", ann]];
    assert.deepEqual(await senders({}), all);
    assert.deepEqual(await senders({ conversationId: direct }), all.slice(1, 3));
    assert.deepEqual(await senders({ senderId: bob }), [all[1], all[3]]);
    assert.deepEqual(await senders({ senderId: bob, conversationId: group }), [all[3]]);
    assert.deepEqual(await senders({ types: ["image"] }), [all[0]]);
    assert.deepEqual(await senders({ types: ["image", "text"] }), all);
    assert.deepEqual(await senders({ types: ["file"] }), []);
    assert.deepEqual(await senders({ from: at + 2_000, to: at + 4_000 }), all.slice(2, 4));
    assert.deepEqual(await senders({ senderId: NOBODY }), []);
    const nowhere = world.data.searches.messages({
      ...ASK,
      userId: ann,
      query: "word",
      conversationId: NOBODY,
    });
    await rejects("conversation_not_found", nowhere);
  });

  test("search: nobody finds what was said where they are not, or before, or after, or in a stay before the last", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    await world.say(group, ann, "word 1");
    await world.add(group, ann, carl);
    await world.say(group, ann, "word 2");
    await world.leave(group, carl);
    await world.say(group, ann, "word 3");
    const secret = await world.direct(ann, bob);
    await world.say(secret, bob, "word secret");
    assert.deepEqual(await textsOf(world, carl, "word"), ["word 2"]);
    assert.deepEqual(await textsOf(world, carl, "word", { conversationId: group }), ["word 2"]);
    await rejects(
      "conversation_not_found",
      world.data.searches.messages({ ...ASK, userId: carl, query: "word", conversationId: secret }),
    );
    await world.add(group, ann, carl);
    await world.say(group, ann, "word 4");
    assert.deepEqual(await textsOf(world, carl, "word"), ["word 4"]);
    assert.deepEqual((await textsOf(world, bob, "word")).toSorted(), [
      "word 1",
      "word 2",
      "word 3",
      "word 4",
      "word secret",
    ]);
    assert.deepEqual(await textsOf(world, await world.user(), "word"), []);
  });

  test("search: what is recalled is found by nobody, what is hidden not by who hid it", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob, carl);
    const { seq: recalled } = await world.say(group, ann, "word recalled");
    const { seq: hidden } = await world.say(group, ann, "word hidden");
    await world.leave(group, carl);
    assert.equal((await textsOf(world, bob, "word")).length, 2);
    await hide(world, group, bob, hidden);
    await change(world, group, ann, recalled, recall());
    assert.deepEqual(await textsOf(world, bob, "word"), []);
    assert.deepEqual(await textsOf(world, ann, "word"), ["word hidden"]);
    assert.deepEqual(await textsOf(world, carl, "word"), ["word hidden"]);
    await change(world, group, ann, hidden, edit("word hidden and edited"));
    assert.deepEqual(await textsOf(world, bob, "edited"), []);
  });

  test("search: an edited message is found by its words of now, by who has left only if they saw them", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob, carl);
    const { seq } = await world.say(group, ann, "first 初版");
    assert.equal((await textsOf(world, bob, "初版")).length, 1);
    await changed(world, group, ann, seq, edit("second 再版"));
    assert.deepEqual(await textsOf(world, bob, "first"), []);
    assert.deepEqual(await textsOf(world, bob, "再版"), ["second 再版"]);
    await world.leave(group, carl);
    await changed(world, group, ann, seq, edit("third 三版 second"));
    assert.deepEqual(await textsOf(world, carl, "third"), []);
    assert.deepEqual(await textsOf(world, carl, "second"), ["second 再版"]);
    assert.deepEqual(await textsOf(world, bob, "second 三版"), ["third 三版 second"]);
    assert.deepEqual(await textsOf(world, bob, "first"), []);
  });

  test("search: who blocks and who is blocked find what they said to each other", async (world) => {
    const [ann, bob] = await world.users(2);
    const direct = await world.direct(ann, bob);
    await world.say(direct, ann, "word of ann");
    await world.data.relations.block({ userId: bob, otherId: ann });
    await world.say(direct, bob, "word of bob");
    for (const userId of [ann, bob]) {
      assert.deepEqual((await textsOf(world, userId, "word")).toSorted(), ["word of ann", "word of bob"]);
    }
  });

  test("search: pages have no holes and nothing twice, while more is said", async (world) => {
    const [ann, bob] = await world.users(2);
    const places = [await world.direct(ann, bob), await world.group(ann, bob), await world.group(bob, ann)];
    const said: string[] = [];
    for (const i of range(1, 120)) {
      // Several in one millisecond, and a clock that is set back.
      if (i % 4 === 0) world.clock.nowMs += 1;
      if (i === 60) world.clock.nowMs -= 20;
      said.push(`word ${i}`);
      await world.say(places[i % 3], i % 2 ? ann : bob, i % 5 ? `word ${i}` : `other ${i}`);
    }
    const expected = said.filter((_, i) => (i + 1) % 5).toSorted();
    const seen: SearchHit[] = [];
    let before: SearchPlace | undefined;
    for (let page = 0; page < 100; page++) {
      const { hits, next } = await world.data.searches.messages({
        ...ASK,
        userId: ann,
        query: "word",
        limit: 7,
        before,
      });
      seen.push(...hits);
      assert.ok(hits.length <= 7);
      if (!next) break;
      before = next;
      world.clock.nowMs += 1;
      await world.say(places[page % 3], bob, "word that is new");
    }
    // What is new may come too, where a clock that was set back puts it among the old.
    assert.deepEqual(seen.map(textOf).filter((text) => text !== "word that is new").toSorted(), expected);
    const times = seen.map(({ entry }) => entry!.at);
    assert.deepEqual(times, times.toSorted((a, b) => b - a));
  });

  test("search: many conversations of others with the same word do not matter", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const mine = await world.group(ann);
    await world.say(mine, ann, "word mine");
    for (let i = 0; i < 20; i++) await world.group(ann, bob);
    const theirs = await world.group(bob, carl);
    await Promise.all(range(1, 2_500).map((i) => world.say(theirs, i % 2 ? bob : carl, `word ${i}`)));
    // What is not indexed yet is said to be so.
    for (;;) if ((await world.data.searches.messages({ ...ASK, userId: ann, query: "x" })).complete) break;
    assert.deepEqual(await textsOf(world, ann, "word"), ["word mine"]);
    assert.equal((await found(world, { userId: bob, query: "word", limit: 50 })).length, 50);
  });

  test("search: a query by which nothing could be found is refused", async (world) => {
    const ann = await world.user();
    for (const query of ["", "  ", "!?", '""', "…。", "a b c d e f g h i j k"]) {
      await rejects("invalid_params", world.data.searches.messages({ ...ASK, userId: ann, query }));
    }
    assert.deepEqual(await textsOf(world, ann, `a" OR * NEAR( -x +y ^z {words}: §c1 \\ '`), []);
  });
}

const ASK = { types: [], limit: 20 };

export async function found(
  world: World,
  request: Partial<SearchRequest> & { userId: number; query: string },
): Promise<SearchHit[]> {
  const { hits } = await world.data.searches.messages({ ...ASK, ...request });
  return hits;
}

const textOf = ({ entry }: SearchHit): string =>
  ((entry!.state && JSON.parse(entry!.state).content) ?? JSON.parse(entry!.body)).text;

async function textsOf(world: World, userId: number, query: string, filters: Partial<SearchRequest> = {}) {
  return (await found(world, { userId, query, ...filters })).map(textOf);
}

async function sayContent(
  world: World,
  conversationId: number,
  senderId: number,
  content: unknown,
): Promise<void> {
  const body = JSON.stringify(content);
  await world.data.log.append({ conversationId, senderId, clientId: world.clientId(), body });
}
