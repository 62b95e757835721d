import assert from "node:assert/strict";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { fromFailure } from "../../data/remote/failure.ts";
import { StreamCall } from "../../proto/gen/stream.ts";
import { brokenIn, type Contract, contractOf } from "./released_contract.ts";

/** Two versions between gateway and dbproxy: docs/cluster.md says how far apart they may be. */

const RELEASED = new URL("released/", import.meta.url);

Deno.test("version skew: what a released version says still means the same", async () => {
  const names = Array.from(Deno.readDirSync(RELEASED), ({ name }) => name);
  assert.ok(names.includes("0.1.0.json"));
  for (const name of names) {
    const released: Contract = JSON.parse(await Deno.readTextFile(new URL(name, RELEASED)));
    assert.ok(Object.keys(released).length > 500);
    assert.deepEqual(brokenIn(released, contractOf()), [], name);
  }
});

Deno.test("version skew: a number with another meaning, another type and a method that went are noticed", () => {
  const now = contractOf();
  const [field] = Object.keys(now).filter((what) => what.includes("#"));
  const [method] = Object.keys(now).filter((what) => what.includes("/"));
  const { [method]: _, ...without } = now;
  assert.deepEqual(brokenIn(now, { ...without, [field]: "other: int32" }).length, 2);
  assert.deepEqual(brokenIn(without, now), [], "what is new breaks nothing");
});

Deno.test("version skew: fields that only the newer one knows are passed by, those that the older leaves out have their defaults", () => {
  // What a writer of proto3 leaves out: everything that has its default.
  const writer = new BinaryWriter().uint32(1 << 3).int64(7).uint32(2 << 3 | 2).string(
    "/imserver.v1.Log/Append",
  );
  const newer = writer.uint32(900 << 3 | 2).string("from a later version").finish();
  assert.deepEqual(StreamCall.decode(new BinaryReader(newer)), {
    id: 7,
    path: "/imserver.v1.Log/Append",
    payload: new Uint8Array(),
    timeoutMs: 0,
    traceparent: "",
  });
});

Deno.test("version skew: an error of a later version is one that clients know", () => {
  const { code, details } = fromFailure({ code: "invented_later", message: "?", field: "text" });
  assert.deepEqual([code, details], ["internal", { field: "text" }]);
});
