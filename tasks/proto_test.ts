import assert from "node:assert/strict";
import { generate, staleFiles } from "./proto.ts";

const toy = `syntax = "proto3";
package toy.v1;

// Notes keeps notes.
service Notes {
  // Write is durable when it answers.
  rpc Write(Note) returns (Note);
  rpc Follow(stream Note) returns (stream Note);
}

// A thing to remember.
message Note {
  // Never reused.
  int64 id = 1;
  bytes body = 2;
  oneof about { string person = 3; int32 year = 4; }
}
`;

Deno.test("proto: proto/gen is what the .proto files say", async () => {
  const root = `${import.meta.dirname}/..`;
  const stale = await staleFiles({ source: `${root}/proto`, output: `${root}/proto/gen` });
  assert.deepEqual(stale, [], "run `deno task proto`");
});

Deno.test("proto: comments come along, stale files are named, a bad contract is an error", async () => {
  const source = await Deno.makeTempDir();
  const options = { source, output: `${source}/gen` };
  await Deno.writeTextFile(`${source}/notes.proto`, toy);
  assert.deepEqual(await staleFiles(options), ["descriptors.ts", "notes.ts"]);
  await generate(options);
  assert.deepEqual(await staleFiles(options), []);
  const text = await Deno.readTextFile(`${source}/gen/notes.ts`);
  for (
    const comment of ["Notes keeps notes", "Write is durable when", "A thing to remember", "Never reused"]
  ) {
    assert(text.includes(comment), comment);
  }
  assert.match(text, /follow\(request: AsyncIterable<Note>\): AsyncIterable<Note>/);
  assert.doesNotMatch(text, /rxjs|Observable|Transform|Buffer/);

  const { FILES: [file] } = await import(`file://${source}/gen/descriptors.ts`);
  assert.deepEqual([file.name, file.services], ["notes.proto", ["toy.v1.Notes"]]);
  assert.deepEqual(file.symbols, [
    "toy.v1.Notes",
    "toy.v1.Notes.Write",
    "toy.v1.Notes.Follow",
    "toy.v1.Note",
  ]);
  assert.ok(atob(file.base64).includes("toy.v1"));

  await Deno.writeTextFile(`${source}/notes.proto`, toy.replace("Never reused", "Used again"));
  await Deno.writeTextFile(`${source}/gen/gone.ts`, "");
  assert.deepEqual(await staleFiles(options), ["gone.ts", "notes.ts"]);
  await Deno.writeTextFile(`${source}/notes.proto`, "message {");
  await assert.rejects(generate(options), /notes\.proto:1:\d+/);
  await Deno.remove(source, { recursive: true });
});
