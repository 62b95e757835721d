import { createHash } from "node:crypto";
import { User } from "../proto/gen/user.ts";

/** A user as they lie in a cache that processes share: the revision they were read at, and the message. */

const REVISION_BYTES = 8;

/** Of another version of the program, whose users have other fields, nothing is read. */
const SHAPE = createHash("sha256").update(Object.keys(User.decode(new Uint8Array())).join()).digest("hex")
  .slice(0, 8);

export function sharedKey(store: string, userId: number): string {
  return `cache:${store}:${SHAPE}:user:${userId}`;
}

export function encodeShared(user: User, revision: number): Uint8Array {
  const message = User.encode(user).finish();
  const bytes = new Uint8Array(REVISION_BYTES + message.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(revision));
  bytes.set(message, REVISION_BYTES);
  return bytes;
}

/** Null for what is none. */
export function decodeShared(bytes: Uint8Array): { user: User; revision: number } | null {
  if (bytes.length <= REVISION_BYTES) return null;
  try {
    const revision = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
    return { user: User.decode(bytes.subarray(REVISION_BYTES)), revision };
  } catch {
    return null;
  }
}
