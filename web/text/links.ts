/** A piece of a message: words, or words that lead somewhere. */
export interface Piece {
  text: string;
  href?: string;
}

/** To white space, a quotation mark, something invisible, or Chinese: there links do not end with a space. */
const LINK =
  /\bhttps?:\/\/[^\s<>"'`“”‘’\p{Cc}\p{Cf}\p{Script=Han}\p{Script=Hira}\p{Script=Kana}\p{Script=Hang}\u3000-\u303f\uff00-\uffef]+/giu;
const CLOSING: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** The pieces of a text; together they are the text. Only http and https addresses are links. */
export function splitLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const address = trimEnd(found);
    if (!URL.canParse(address)) continue;
    if (index > end) pieces.push({ text: text.slice(end, index) });
    pieces.push({ text: address, href: new URL(address).href });
    end = index + address.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** What ends a sentence does not belong to the address; nor does a bracket that was opened before it. */
function trimEnd(address: string): string {
  const counts = new Map([..."()[]{}"].map((bracket) => [bracket, address.split(bracket).length - 1]));
  let length = address.length;
  for (; length > 0; length--) {
    const last = address[length - 1];
    const closed = counts.get(last) ?? 0;
    // One that closes another within the address belongs to it, as in Wikipedia's.
    if (last in CLOSING ? closed <= counts.get(CLOSING[last])! : !".,;:!?*_~".includes(last)) break;
    counts.set(last, closed - 1);
  }
  return address.slice(0, length);
}
