/**
 * `deno task emoji`: web/text/emoji.ts, the emoji that can be picked, with words in English and Chinese to find them by.
 * From emojibase-data (MIT), which has them from Unicode's CLDR.
 */
import en from "npm:emojibase-data@17.0.0/en/compact.json" with { type: "json" };
import groups from "npm:emojibase-data@17.0.0/en/data.json" with { type: "json" };
import zh from "npm:emojibase-data@17.0.0/zh/compact.json" with { type: "json" };

/** Newer ones are boxes on many devices. */
const NEWEST_VERSION = 15;
const MOST_TAGS = 5;

interface Emoji {
  hexcode: string;
  unicode: string;
  label: string;
  tags?: string[];
}

const wordsOf = ({ label, tags = [] }: Emoji) => [...new Set([label, ...tags.slice(0, MOST_TAGS)])].join(" ");
const chinese = new Map((zh as Emoji[]).map((one) => [one.hexcode, wordsOf(one)]));
const about = new Map(groups.map(({ hexcode, group, version }) => [hexcode, { group, version }]));

const table: [string, string][][] = Array.from({ length: 10 }, () => []);
for (const one of en as Emoji[]) {
  const { group, version = 0 } = about.get(one.hexcode) ?? {};
  if (group === undefined || group === 2 || version > NEWEST_VERSION) continue;
  table[group].push([one.unicode, `${wordsOf(one)} ${chinese.get(one.hexcode) ?? ""}`.trim().toLowerCase()]);
}
const lines = table.map((group) =>
  `  [\n${group.map((one) => `    ${JSON.stringify(one)},\n`).join("")}  ],\n`
);
await Deno.writeTextFile(
  new URL("../web/text/emoji.ts", import.meta.url),
  "/** Made by `deno task emoji`: by Unicode's groups, each emoji with the words to find it by. */\n" +
    `export const EMOJI: readonly (readonly (readonly [emoji: string, words: string])[])[] = [\n${
      lines.join("")
    }];\n`,
);
