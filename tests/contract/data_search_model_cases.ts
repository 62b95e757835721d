import assert from "node:assert/strict";
import fc from "fast-check";
import { change, edit, hide, historyOf, recall, textOf } from "./data_changes.ts";
import { ascending, type Case, type World } from "./data_world.ts";

const RUNS = 60;

/** Little parts that make words, words within words, and words of two scripts side by side. */
const part = fc.constantFrom(
  "a",
  "b",
  "ab",
  "Ab",
  "é",
  "e",
  "你",
  "好",
  "你好",
  "界",
  "😀",
  " ",
  " ",
  "-",
  "。",
  "1",
  "ｂ",
);
const text = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => `.${parts.join("")}`);
const query = fc.array(part, { minLength: 1, maxLength: 2 }).map((parts) => parts.join(""));
const who = fc.nat({ max: 2 });
const which = fc.nat({ max: 20 });
const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("say" as const), who, text }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("edit" as const), who, which, text }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("recall" as const), who, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("hide" as const), who, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("add" as const), who, other: who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("search" as const), query }) },
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/** What somebody finds is what they would find by reading everything they may read, from one end to the other. */
export function searchModelCases(test: Case): void {
  test("search: whatever three people do, each finds what reading all of it would", async (world) => {
    const property = fc.asyncProperty(
      fc.array(act, { maxLength: 40 }),
      fc.array(query, { minLength: 3, maxLength: 8 }),
      async (acts, queries) => {
        const people = await world.users(3);
        const group = await world.group(people[0], people[1]);
        const said: Said[] = [];
        for (const one of acts) {
          if (one.do === "search") await compare(world, group, people, one.query);
          else await play(world, group, people, said, one).catch(() => {});
          world.clock.nowMs += 1;
        }
        for (const one of queries) await compare(world, group, people, one);
      },
    );
    await fc.assert(property, { numRuns: RUNS });
  });
}

interface Said {
  seq: number;
  sender: number;
}

/** What may not be done is left; the data's own model (data_model_cases.ts) says what that is. */
async function play(
  world: World,
  group: number,
  people: number[],
  said: Said[],
  one: Exclude<Act, { do: "search" }>,
) {
  const id = people[one.who];
  if (one.do === "say") said.push({ seq: (await world.say(group, id, one.text)).seq, sender: id });
  else if (one.do === "leave") await world.leave(group, id);
  else if (one.do === "add") await world.add(group, id, people[one.other]);
  if (!("which" in one) || said.length === 0) return;
  const { seq, sender } = said[one.which % said.length];
  if (one.do === "edit") await change(world, group, sender, seq, edit(one.text));
  else if (one.do === "recall") await change(world, group, sender, seq, recall());
  else await hide(world, group, id, seq);
}

async function compare(world: World, group: number, people: number[], query: string): Promise<void> {
  const terms = query.split(/\s+/).map(plain).filter((term) => term !== "");
  if (!terms.some((term) => /[\p{L}\p{N}😀]/u.test(term))) return;
  for (const userId of people) {
    const hits = await world.data.searches.messages({ userId, query, types: [], limit: 50 });
    const found = hits.hits.map(({ entry }) => entry!.seq).sort(ascending);
    const history = await historyOf(world, group, userId).catch(() => []);
    const expected = history.filter(({ body, state }) => {
      const content = (state && JSON.parse(state).content) ?? JSON.parse(body);
      return content.type === "text" && terms.every((term) => holds(plain(textOf(content)), term));
    }).map((entry) => entry.seq).sort(ascending);
    const members = await world.data.conversations.listening({ userId });
    if (members.groups.length > 0) assert.deepEqual(found, expected, query);
    // Who has left does not find by its old words what was edited since.
    else assert.ok(found.every((seq) => expected.includes(seq)), query);
  }
}

const plain = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Every place is tried, and a word is told by what stands before it. */
function holds(text: string, term: string): boolean {
  const characters = [...text];
  const wanted = [...term];
  const isLetter = (c: string) => /[a-z0-9]/.test(c);
  return characters.some((_, at) =>
    wanted.every((c, i) => characters[at + i] === c) &&
    !(at > 0 && isLetter(characters[at - 1]) && isLetter(characters[at]))
  );
}
