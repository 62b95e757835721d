/**
 * What bytes are, by what they begin with (as the WHATWG's MIME Sniffing does for what is known here). A claim counts
 * only where the bytes leave a choice, and never makes a picture, sound or film of what is none.
 */
export function sniffType(head: Uint8Array, claimed: string): string {
  const claim = claimed.toLowerCase();
  const found = SIGNATURES.find(([pattern, offset = 0]) => matches(head, pattern, offset))?.[2];
  if (found === "riff") return riffType(head);
  if (found === "ftyp") return boxType(head, claim);
  if (found === "application/zip") return isZipped(claim) ? claim : found;
  // One container for films and for voices alone; which, the bytes far behind say.
  if (found === "video/webm" || found === "video/ogg") {
    return claim.startsWith("audio/") ? found.replace("video", "audio") : found;
  }
  if (found !== undefined) return found;
  return isText(head) ? textType(head, claim) : binaryType(claim);
}

type Signature = [pattern: string, offset: number | undefined, type: string];

/** Latin-1, with `?` for any byte. */
const SIGNATURES: Signature[] = [
  ["\x89PNG\r\n\x1a\n", 0, "image/png"],
  ["\xff\xd8\xff", 0, "image/jpeg"],
  ["GIF87a", 0, "image/gif"],
  ["GIF89a", 0, "image/gif"],
  ["BM????\0\0\0\0", 0, "image/bmp"],
  ["RIFF????", 0, "riff"],
  ["ftyp", 4, "ftyp"],
  ["\x1a\x45\xdf\xa3", 0, "video/webm"],
  ["OggS\0", 0, "video/ogg"],
  ["ID3", 0, "audio/mpeg"],
  ["\xff\xfb", 0, "audio/mpeg"],
  ["\xff\xf3", 0, "audio/mpeg"],
  ["\xff\xf1", 0, "audio/aac"],
  ["\xff\xf9", 0, "audio/aac"],
  ["fLaC", 0, "audio/flac"],
  ["#!AMR", 0, "audio/amr"],
  ["%PDF-", 0, "application/pdf"],
  ["PK\x03\x04", 0, "application/zip"],
  ["PK\x05\x06", 0, "application/zip"],
  ["\x1f\x8b\x08", 0, "application/gzip"],
  ["7z\xbc\xaf\x27\x1c", 0, "application/x-7z-compressed"],
  ["Rar!\x1a\x07", 0, "application/vnd.rar"],
];

function matches(head: Uint8Array, pattern: string, offset: number): boolean {
  if (head.length < offset + pattern.length) return false;
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] !== "?" && head[offset + i] !== pattern.charCodeAt(i)) return false;
  }
  return true;
}

const latin = (head: Uint8Array, from: number, to: number) => String.fromCharCode(...head.subarray(from, to));

function riffType(head: Uint8Array): string {
  const types: Record<string, string> = {
    "WEBP": "image/webp",
    "WAVE": "audio/wav",
    "AVI ": "video/x-msvideo",
  };
  return types[latin(head, 8, 12)] ?? "application/octet-stream";
}

/** ISO base media: the major brand. */
function boxType(head: Uint8Array, claim: string): string {
  const brand = latin(head, 8, 12);
  if (brand === "avif" || brand === "avis") return "image/avif";
  if (/^(?:heic|heix|hevc|mif1|msf1)$/.test(brand)) return "image/heic";
  if (brand === "qt  ") return "video/quicktime";
  return brand.startsWith("M4A") || claim.startsWith("audio/") ? "audio/mp4" : "video/mp4";
}

/** Office documents, books and the like are zip files with a name of their own. */
const isZipped = (claim: string) =>
  /^application\/(?:vnd\.[\w.+-]+|epub\+zip|java-archive|x-[\w.+-]+)$/.test(claim);

function isText(head: Uint8Array): boolean {
  if (head.includes(0)) return false;
  try {
    // The head may end within a character.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const HTML =
  /^(?:<!doctype html|<html|<head|<script|<iframe|<h1|<div|<font|<table|<a|<style|<title|<b|<body|<br|<p|<!--)[\s>/]?/i;

function textType(head: Uint8Array, claim: string): string {
  const text = new TextDecoder().decode(head).trimStart();
  if (/^(?:<\?xml[^>]*>\s*)?(?:<!--[^]*?-->\s*|<!doctype svg[^>]*>\s*)*<svg[\s>]/i.test(text)) {
    return "image/svg+xml";
  }
  if (HTML.test(text)) return "text/html";
  if (text.startsWith("<?xml")) return "application/xml";
  return /^(?:text\/(?:plain|csv|markdown|calendar|vcard)|application\/json)$/.test(claim)
    ? claim
    : "text/plain";
}

/** What nothing is known of may be called what it is not dangerous to be called. */
function binaryType(claim: string): string {
  const safe = /^application\/(?:vnd\.[\w.+-]+|x-[\w.+-]+|msword|rtf)$/.test(claim) &&
    !/script|html|xml/.test(claim);
  return safe ? claim : "application/octet-stream";
}
