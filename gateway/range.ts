/** From one byte to before another. */
export interface Range {
  from: number;
  to: number;
}

/**
 * The one range that a Range header asks for (RFC 9110, 14.1.2) of so many bytes; `beyond`: it has none of them.
 * Undefined for what is no range of bytes and for several at once, which a server may answer with the whole.
 */
export function parseRange(header: string, size: number): Range | "beyond" | undefined {
  const match = /^bytes=[ \t]*(\d{0,16})-(\d{0,16})[ \t]*$/i.exec(header);
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [first, last] = [match[1], match[2]];
  if (first === "") {
    const count = Math.min(Number(last), size);
    return count === 0 ? "beyond" : { from: size - count, to: size };
  }
  if (last !== "" && Number(last) < Number(first)) return undefined;
  const from = Number(first);
  if (from >= size) return "beyond";
  return { from, to: last === "" ? size : Math.min(Number(last) + 1, size) };
}
