import assert from "node:assert/strict";
import { strFromU8, Unzip, UnzipInflate } from "fflate";
import type { Person } from "./people.ts";

/** The files of the archive, read as it comes. */
export async function unpack(url: string, who: Person) {
  const response = await fetch(`${url}/api/v1/users/me/export`, {
    headers: { authorization: `Bearer ${who.accessToken}` },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/zip");
  assert.match(response.headers.get("content-disposition")!, /^attachment; .*\.zip/);
  const files: Record<string, Uint8Array[]> = {};
  const unzip = new Unzip((file) => {
    files[file.name] = [];
    file.ondata = (error, bytes) => {
      if (error) throw error;
      files[file.name].push(bytes);
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  for await (const bytes of response.body!) {
    unzip.push(bytes);
  }
  unzip.push(new Uint8Array(), true);
  const whole = async (name: string) =>
    new Uint8Array(await new Blob(files[name] as BlobPart[]).arrayBuffer());
  const text = async (name: string) => strFromU8(await whole(name));
  const lines = async (name: string) =>
    (await text(name)).split("\n").filter(Boolean).map((one) => JSON.parse(one));
  return { names: Object.keys(files), whole, text, lines };
}
