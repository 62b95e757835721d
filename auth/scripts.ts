/**
 * Whether a text keeps to "Highly Restrictive" of UTS #39, section 5.2: all of one script, or Latin with one of
 * the East Asian mixes that people really write. Characters of script Common or Inherited (digits, punctuation,
 * most accents) go with everything. A character that several scripts share counts for each (Script_Extensions).
 *
 * It catches "pаypal" with one Cyrillic letter. It cannot catch a name written wholly in another script.
 */
export function isHighlyRestrictive(text: string): boolean {
  return MIXES.some((mix) => covers(mix, text)) || SINGLE_SCRIPTS.some((script) => covers(script, text));
}

/** The code points of a text that belong to digits of more than one set (1 beside ١) look alike: UTS #39, 5.3. */
export function mixesDigits(text: string): boolean {
  return new Set((text.match(/\p{Nd}/gu) ?? []).map(zeroOf)).size > 1;
}

/** Unicode keeps each set of decimal digits in one run of ten from zero up; sets may stand side by side. */
function zeroOf(digit: string): number {
  const code = digit.codePointAt(0)!;
  let first = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return code - ((code - first) % 10);
}

const patterns = new Map<string, RegExp>();

/** Patterns are made on first use: most servers meet a handful of scripts and never pay for the other 160. */
function covers(scripts: string, text: string): boolean {
  let pattern = patterns.get(scripts);
  if (pattern === undefined) {
    const classes = `Zyyy Zinh ${scripts}`.split(" ").map((name) => `\\p{Script_Extensions=${name}}`);
    pattern = new RegExp(`^[${classes.join("")}]*$`, "u");
    patterns.set(scripts, pattern);
  }
  return pattern.test(text);
}

/** Japanese, Chinese with Bopomofo, Korean; each with Latin. */
const MIXES = ["Latn Hani Hira Kana", "Latn Hani Bopo", "Latn Hani Hang"];

/**
 * Every script of Unicode 16 by its ISO 15924 code, the likeliest first; JavaScript cannot list them itself. The
 * test beside this file fails when a newer Unicode brings a letter that none of these covers.
 */
const SINGLE_SCRIPTS = `
Cyrl Arab Deva Beng Thai Hebr Grek Taml Telu Gujr Knda Mlym Guru Orya Sinh Mymr Khmr Laoo Ethi Geor Armn Tibt Mong
Latn Hani Hira Kana Hang Bopo
Adlm Aghb Ahom Armi Avst Bali Bamu Bass Batk Bhks Brah Brai Bugi Buhd Cakm Cans Cari Cham Cher Chrs Copt Cpmn Cprt
Diak Dogr Dsrt Dupl Egyp Elba Elym Gara Glag Gong Gonm Goth Gran Gukh Hano Hatr Hluw Hmng Hmnp Hung Ital Java Kali
Kawi Khar Khoj Kits Krai Kthi Lana Lepc Limb Lina Linb Lisu Lyci Lydi Mahj Maka Mand Mani Marc Medf Mend Merc Mero
Modi Mroo Mtei Mult Nagm Nand Narb Nbat Newa Nkoo Nshu Ogam Olck Onao Orkh Osge Osma Ougr Palm Pauc Perm Phag Phli
Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb Saur Sgnw Shaw Shrd Sidd Sind Sogd Sogo Sora Soyo Sund Sunu Sylo Syrc
Tagb Takr Tale Talu Tang Tavt Tfng Tglg Thaa Tirh Tnsa Todr Toto Tutg Ugar Vaii Vith Wara Wcho Xpeo Xsux Yezi
Yiii Zanb`.trim().split(/\s+/);
