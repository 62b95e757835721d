import assert from "node:assert/strict";

/** docs/asvs.md has every item of OWASP ASVS 4.0.3 at level 2, once and in order, and names only what exists. */

/** Sections with their items; the standard has deleted some and keeps others for level 3. */
const ITEMS = `
1.1:1-7 1.2:1-4 1.4:1,4,5 1.5:1-4 1.6:1-4 1.7:1-2 1.8:1-2 1.9:1-2 1.10:1 1.11:1-2 1.12:2 1.14:1-6
2.1:1-12 2.2:1-3 2.3:1-3 2.4:1-6 2.5:1-7 2.6:1-3 2.7:1-6 2.8:1-7 2.9:1-3 2.10:1-4
3.1:1 3.2:1-4 3.3:1-4 3.4:1-5 3.5:1-3 3.7:1
4.1:1-3,5 4.2:1-2 4.3:1-3
5.1:1-5 5.2:1-8 5.3:1-10 5.4:1-3 5.5:1-4
6.1:1-3 6.2:1-6 6.3:1-2 6.4:1-2
7.1:1-4 7.2:1-2 7.3:1,3,4 7.4:1-3
8.1:1-4 8.2:1-3 8.3:1-8
9.1:1-3 9.2:1-4
10.2:1-2 10.3:1-3
11.1:1-8
12.1:1-3 12.2:1 12.3:1-6 12.4:1-2 12.5:1-2 12.6:1
13.1:1,3,4,5 13.2:1-3,5,6 13.3:1-2 13.4:1-2
14.1:1-4 14.2:1-6 14.3:2-3 14.4:1-7 14.5:1-4`;

const page = Deno.readTextFileSync("docs/asvs.md");
const rows = page.split("\n").flatMap((line) => {
  const [, item, state, note] = /^\| (\d+\.\d+\.\d+) +\| ([a-z/]+) +\| (.+?) *\|$/.exec(line) ?? [];
  return item ? [{ item, state, note }] : [];
});

Deno.test("asvs: every item of level 2, once and in order, in one of three states", () => {
  assert.deepEqual(rows.map(({ item }) => item), expand(ITEMS));
  for (const { item, state } of rows) assert.match(state, /^(met|n\/a|open)$/, item);
  const count = (wanted: string) => rows.filter(({ state }) => state === wanted).length;
  const said = [...page.replaceAll(/\s+/g, " ").matchAll(/(\d+) (?:are met|do not apply|are open)/g)];
  assert.deepEqual(said.map(([, number]) => Number(number)), ["met", "n/a", "open"].map(count));
});

Deno.test("asvs: the files that are named exist", () => {
  for (const { item, note } of rows) {
    let folder = "";
    for (const [, name] of note.matchAll(/`([\w./-]+)`/g)) {
      if (!/^(\.ci|[a-z]+)\/|_test\.ts$|\.ts$|\.yaml$|\.lock$/.test(name)) continue;
      // A bare name stands in the folder of the one before it.
      const path = name.includes("/") || !folder ? name : `${folder}/${name}`;
      if (path.includes("/")) folder = path.slice(0, path.lastIndexOf("/"));
      assert.ok(exists(path), `${item}: ${path}`);
    }
  }
});

function expand(items: string): string[] {
  return items.trim().split(/\s+/).flatMap((one) => {
    const [section, list] = one.split(":");
    return list.split(",").flatMap((range) => {
      const [from, to = from] = range.split("-").map(Number);
      return Array.from({ length: to - from + 1 }, (_, n) => `${section}.${from + n}`);
    });
  });
}

function exists(path: string): boolean {
  try {
    return Boolean(Deno.statSync(path));
  } catch {
    return false;
  }
}
