import assert from "node:assert/strict";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { AppendRequest } from "../proto/gen/log.ts";
import { encoded } from "./encode.ts";

const request = (body: string): AppendRequest => ({ conversationId: 7, senderId: 8, clientId: "c", body });

Deno.test("encoded: the same bytes as by a writer of its own, whatever was encoded before", () => {
  for (const length of [10, 5_000, 0, 300_000, 1]) {
    const message = request("é".repeat(length));
    assert.deepEqual(encoded(AppendRequest, message), AppendRequest.encode(message).finish());
  }
});

Deno.test("encoded: bytes stay as they are when the next message is encoded", () => {
  const first = encoded(AppendRequest, request("first"));
  const copy = first.slice();
  encoded(AppendRequest, request("second"));
  assert.deepEqual(first, copy);
});

Deno.test("encoded: a message that cannot be encoded leaves nothing in the next one", () => {
  const broken = {
    encode(_: unknown, writer = new BinaryWriter()): BinaryWriter {
      writer.string("half");
      throw new RangeError("no number");
    },
  };
  assert.throws(() => encoded(broken, {}), RangeError);
  const message = request("whole");
  assert.deepEqual(encoded(AppendRequest, message), AppendRequest.encode(message).finish());
});
