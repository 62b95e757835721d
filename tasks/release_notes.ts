/** `deno run --allow-read tasks/release_notes.ts 0.2.0`: what CHANGELOG.md says of a version. */

/** The section's text. Throws where there is none, or nothing in it: a release says what is new. */
export function notesOf(changelog: string, version: string): string {
  const lines = changelog.split("\n");
  const from = lines.findIndex((line) => line === `## ${version}` || line.startsWith(`## ${version} `));
  if (from < 0) throw new Error(`CHANGELOG.md has no section "## ${version}"`);
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith("## "));
  const notes = lines.slice(from + 1, length < 0 ? undefined : from + 1 + length).join("\n").trim();
  if (notes === "") throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return notes;
}

if (import.meta.main) {
  const path = new URL("../CHANGELOG.md", import.meta.url);
  console.log(notesOf(await Deno.readTextFile(path), Deno.args[0]));
}
