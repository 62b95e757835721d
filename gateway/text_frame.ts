import { Buffer } from "node:buffer";

let lastText = "";
let last: Uint8Array = Buffer.alloc(0);

/**
 * A text as one whole unmasked frame of RFC 6455 (section 5.2), head and payload in one piece, so that a socket has one
 * thing to write. What goes to many sockets one after the other is built once.
 */
export function textFrame(text: string): Uint8Array {
  if (text === lastText && last.length > 0) return last;
  const length = Buffer.byteLength(text);
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = 0x81;
  if (head === 2) frame[1] = length;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  frame.write(text, head);
  lastText = text;
  return last = frame;
}

let lastParts: readonly string[] = [];
let lastArray = "";

/** Messages as a JSON array, built once for sockets that get the same ones. */
export function jsonArray(messages: readonly string[]): string {
  if (messages.length !== lastParts.length || messages.some((message, i) => message !== lastParts[i])) {
    lastParts = messages;
    lastArray = `[${messages.join(",")}]`;
  }
  return lastArray;
}
