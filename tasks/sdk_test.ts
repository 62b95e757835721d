import assert from "node:assert/strict";
import { type Operation, operations } from "../wire/operations.ts";
import { buildSdk } from "./sdk.ts";

const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

Deno.test("sdk: code without imports, declarations of every operation without zod, and the whole is replaced", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sdk_test_" });
  const output = `${folder}/sdk`;
  await Deno.mkdir(output);
  await Deno.writeTextFile(`${output}/old.js`, "");
  const sizes = await buildSdk({ root, output });
  const read = (path: string) => Deno.readTextFile(`${output}/${path}`);

  assert.deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["sdk"]);
  const names = Array.from(Deno.readDirSync(output), ({ name }) => name).toSorted();
  assert.deepEqual(names, ["LICENSE", "README.md", "imserver.js", "package.json", "protocol.md", "types"]);
  const { version } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
  assert.equal(JSON.parse(await read("package.json")).version, version);

  // What a bundle says of itself in comments names no file of this machine.
  const code = await read("imserver.js");
  assert.doesNotMatch(code, /^import |\brequire\(|file:\/\/|\/root\//m);
  const types = [...sizes.keys()].filter((path) => path.endsWith(".d.ts"));
  for (const path of types) {
    assert.doesNotMatch(await read(path), /zod|\bany;|\bany\[\]|: any\b|from "\.[^"]*\.ts"/, path);
  }
  const declared = await read("types/wire/operations.d.ts");
  // What travels as bytes is no call of the client's.
  const callable = Object.entries<Operation>(operations).filter(([, { stream }]) => !stream);
  const missing = callable.map(([name]) => name).filter((name) => !declared.includes(`"${name}": {`));
  assert.deepEqual(missing, []);
  assert(declared.includes(`"group.get": { input: { conversationId: string }; output: Group };`));
  await Deno.remove(folder, { recursive: true });
});
