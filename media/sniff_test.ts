import assert from "node:assert/strict";
import { sniffType } from "./sniff.ts";

const bytes = (latin: string) => Uint8Array.from(latin, (char) => char.charCodeAt(0));
const utf8 = (text: string) => new TextEncoder().encode(text);

const cases: [what: string, head: Uint8Array, claimed: string, type: string][] = [
  ["PNG", bytes("\x89PNG\r\n\x1a\n…"), "text/html", "image/png"],
  ["JPEG", bytes("\xff\xd8\xff\xe0"), "application/x-php", "image/jpeg"],
  ["GIF", bytes("GIF89a<script>"), "text/html", "image/gif"],
  ["WebP", bytes("RIFF\0\0\0\0WEBPVP8 "), "", "image/webp"],
  ["WAV", bytes("RIFF\0\0\0\0WAVEfmt "), "", "audio/wav"],
  ["AVIF", bytes("\0\0\0\x20ftypavif"), "", "image/avif"],
  ["HEIC", bytes("\0\0\0\x20ftypheic"), "", "image/heic"],
  ["MP4", bytes("\0\0\0\x20ftypisom"), "", "video/mp4"],
  ["a voice in MP4", bytes("\0\0\0\x20ftypisom"), "audio/mp4", "audio/mp4"],
  ["a voice in WebM", bytes("\x1a\x45\xdf\xa3"), "audio/webm;codecs=opus", "audio/webm"],
  ["WebM", bytes("\x1a\x45\xdf\xa3"), "video/webm", "video/webm"],
  ["Ogg", bytes("OggS\0"), "audio/ogg", "audio/ogg"],
  ["MP3", bytes("ID3\x04"), "", "audio/mpeg"],
  [
    "a Word document",
    bytes("PK\x03\x04…"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  ],
  ["a zip called HTML", bytes("PK\x03\x04"), "text/html", "application/zip"],
  ["HTML", utf8("\n <!doctype HTML>"), "image/png", "text/html"],
  ["a script", utf8("<script>1</script>"), "text/plain", "text/html"],
  ["HTML behind a byte order mark", utf8("\ufeff<html>"), "text/plain", "text/html"],
  ["SVG", utf8('<?xml version="1.0"?>\n<!-- c --><svg xmlns="x">'), "image/png", "image/svg+xml"],
  ["text", utf8("你好"), "text/html", "text/plain"],
  ["a table", utf8("a,b\n1,2"), "text/csv", "text/csv"],
  ["text that ends within a character", utf8("你好").slice(0, 5), "", "text/plain"],
  ["noise", bytes("\x00\xff\xfe"), "image/png", "application/octet-stream"],
  ["noise called XHTML", bytes("\x00\xff"), "application/xhtml+xml", "application/octet-stream"],
  ["noise with a vendor's name", bytes("\x00\xff"), "application/vnd.ms-excel", "application/vnd.ms-excel"],
  ["nothing", new Uint8Array(), "image/png", "text/plain"],
];
for (const [what, head, claimed, type] of cases) {
  Deno.test(`${what} claimed to be ${claimed || "nothing"} is ${type}`, () =>
    assert.equal(sniffType(head, claimed), type));
}
