import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** What the generated code of a message offers (proto/gen). */
export interface Encoder<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
}

/** A writer that has grown beyond this is not kept. */
const MAX_KEPT_BYTES = 256 * 1024;

let writer = new BinaryWriter();

/**
 * A message as protobuf, in bytes of its own. One writer serves all: a new one allocates and grows its buffer for every
 * message, which was a tenth of what a gateway did. Throws what `encode` throws.
 */
export function encoded<T>(codec: Encoder<T>, message: T): Uint8Array {
  const used = writer;
  // Whoever fails leaves it half written, and whoever encodes while encoding needs one of their own.
  writer = new BinaryWriter();
  const bytes = codec.encode(message, used).finish();
  if (bytes.length <= MAX_KEPT_BYTES) writer = used;
  return bytes;
}
