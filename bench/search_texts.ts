/** Texts as people write them, half Chinese, half English, the same in every run. */

export function createRandom(seed: number): () => number {
  return () => {
    // mulberry32
    let t = seed += 0x6d2b79f5;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Zipf's law: the second word is half as frequent as the first, the third a third. */
const rank = (random: () => number, count: number) =>
  Math.floor(Math.exp(random() * Math.log(count + 1))) - 1;

const SYLLABLES = "the an re in on er ti at es or ne al ma ko lu si vi po da be".split(" ");
const ENGLISH = 20_000;
const CHINESE = 8_000;

/** A word that is like no other one; the frequent ones are short. */
function english(n: number): string {
  let word = "";
  for (n += 1; n > 0; n = Math.floor(n / 20)) word += SYLLABLES[n % 20];
  return word;
}

/** Two characters out of 3,000, by a step that spreads them. */
function chinese(n: number): string {
  const at = (i: number) => String.fromCodePoint(0x4e00 + (i * 1_009) % 3_000);
  return at(Math.floor(Math.sqrt(n) * 3)) + at(n + 7);
}

export const WORDS = { english, chinese };

/** What is looked for. `others`: in a tenth of what is said where the asker is not, and a little where they are. */
export const MARKS = {
  englishRare: "zyzzyva",
  chineseRare: "麒麟",
  englishUsual: "hello",
  chineseUsual: "你好",
  others: "elsewhere",
};

export function textOf(random: () => number, i: number, mine: boolean): string {
  const words: string[] = [];
  const isChinese = i % 2 === 0;
  const length = 3 + Math.floor(random() * (isChinese ? 12 : 16));
  for (let k = 0; k < length; k++) {
    words.push(isChinese ? chinese(rank(random, CHINESE)) : english(rank(random, ENGLISH)));
  }
  if (random() < 0.03) words[0] = isChinese ? MARKS.chineseUsual : MARKS.englishUsual;
  if (random() < (mine ? 0.0001 : 0.1)) words.push(MARKS.others);
  if (i % 20_011 < 2) words.push(isChinese ? MARKS.chineseRare : MARKS.englishRare);
  return isChinese ? words.join("").replace(/(.{14})/g, "$1，") : words.join(" ");
}
