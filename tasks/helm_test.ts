import assert from "node:assert/strict";
import { strToU8, zipSync } from "fflate";
import { unzip } from "./helm.ts";

Deno.test("helm: one file is taken out of an archive, packed or as it is; what is none is said", async () => {
  const many = strToU8("many ".repeat(1_000));
  for (const level of [0, 6] as const) {
    const archive = zipSync({ "a/b": [many, { level }], "a/c": strToU8("c") }, { level }) as Uint8Array<
      ArrayBuffer
    >;
    assert.deepEqual(await unzip(archive, "a/b"), many);
    assert.deepEqual(await unzip(archive, "a/c"), strToU8("c"));
    await assert.rejects(unzip(archive, "b"), /b is not in the archive/);
  }
  await assert.rejects(unzip(new Uint8Array(50), "a"), /no ZIP archive/);
});
