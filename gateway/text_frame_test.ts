import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import * as ws from "ws";
import fc from "fast-check";
import { jsonArray, textFrame } from "./text_frame.ts";

interface Framing {
  frame(data: Uint8Array, options: Record<string, unknown>): Uint8Array[];
}

/** What ws itself would write. Its types do not know the class. */
function byWs(text: string): Uint8Array {
  const { Sender } = ws as unknown as { Sender: Framing };
  const options = { fin: true, opcode: 1, mask: false, readOnly: true, rsv1: false };
  return Buffer.concat(Sender.frame(Buffer.from(text), options));
}

Deno.test("text frame: the bytes that ws would send, whatever the length and the letters", () => {
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]) {
    const text = "x".repeat(length);
    assert.deepEqual(Buffer.from(textFrame(text)), byWs(text), `${length}`);
  }
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      assert.deepEqual(Buffer.from(textFrame(text)), byWs(text));
    }),
  );
});

Deno.test("text frame: the same text again is the same bytes, another one is not", () => {
  const [a, again, b] = [textFrame("a"), textFrame("a"), textFrame("b")];
  assert.equal(a, again);
  assert.notEqual(a, b);
  assert.deepEqual([...b], [0x81, 1, 98]);
});

Deno.test("text frame: arrays are joined anew when one message differs", () => {
  assert.equal(jsonArray(["1", "2"]), "[1,2]");
  assert.equal(jsonArray(["1", "2"]), "[1,2]");
  assert.equal(jsonArray(["1", "3"]), "[1,3]");
  assert.equal(jsonArray(["1"]), "[1]");
});
