import assert from "node:assert/strict";
import { parse } from "yaml";
import { fileNameFor } from "./compile.ts";
import { notesOf } from "./release_notes.ts";
import { bomOf } from "./sbom.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));

Deno.test("release notes: the section of the version, no more; a version that nothing is said of is refused", () => {
  const changelog =
    "# Changelog\n\n## 0.2.0 (2026-12-01)\n\n- new\n\n### Fixed\n\n- old\n\n## 0.1.0\n\n- first\n\n## 0.0.1\n";
  assert.equal(notesOf(changelog, "0.2.0"), "- new\n\n### Fixed\n\n- old");
  assert.equal(notesOf(changelog, "0.1.0"), "- first");
  assert.throws(() => notesOf(changelog, "0.1"), /no section/);
  assert.throws(() => notesOf(changelog, "0.0.1"), /nothing/);
});

Deno.test("sbom: every package of the lock is in it once, with its hash", async () => {
  const lock = JSON.parse(await read("../deno.lock"));
  const { components, ...bom } = bomOf(lock, "0.1.0");
  assert.equal(bom.bomFormat, "CycloneDX");
  const names = new Set(Object.keys(lock.npm).map((key) => key.replace(/_.*$/, "")));
  const listed = components.map(({ group, name, version }) =>
    `${group ? `${group}/` : ""}${name}@${version}`
  );
  assert.deepEqual(new Set(listed), names);
  assert.equal(listed.length, names.size);
  for (const { purl, hashes } of components) {
    assert.match(purl, /^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d/);
    assert.match(hashes[0].content, /^[0-9a-f]{128}$/);
  }
});

Deno.test("release: the workflow builds each file that install.sh may ask for, and what it runs exists", async () => {
  const workflow = parse(await read("../.github/workflows/release.yml"));
  const targets: string[] = workflow.jobs.build.strategy.matrix.target;
  assert.deepEqual(targets.map(fileNameFor).toSorted(), [
    "imserver-linux-arm64",
    "imserver-linux-x64",
    "imserver-macos-arm64",
    "imserver-macos-x64",
    "imserver-windows-arm64.exe",
    "imserver-windows-x64.exe",
  ]);
  assert.throws(() => fileNameFor("riscv64-unknown-linux-gnu"), /no target/);
  assert.equal(
    workflow.jobs.build.needs,
    "audit",
    "it looks for known faults of dependencies before it builds",
  );
  assert.match(workflow.jobs.audit.steps.at(-1).run, /deno@[\d.]+ audit --level=high$/);
  const { tasks } = JSON.parse(await read("../deno.json"));
  const text = await read("../.github/workflows/release.yml");
  for (const [, name] of text.matchAll(/deno@[\d.]+ task ([\w:]+)/g)) assert.ok(name in tasks, name);
  for (const [, path] of text.matchAll(/ (tasks\/\w+\.ts|install\.sh|deploy\/[\w/.]+)/g)) {
    assert.ok(await Deno.stat(new URL(`../${path}`, import.meta.url)), path);
  }
});
