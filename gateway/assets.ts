import { ImError } from "../wire/errors.ts";
import { problemResponse } from "./problem.ts";

/** The web client: a few files, read once and kept in memory, compressed ones beside the plain. */
export interface Assets {
  /** The file of a path, or null. */
  serve(path: string, acceptEncoding: string | null, ifNoneMatch: string | null): Response | null;
}

interface Asset {
  type: string;
  etag: string;
  plain: Uint8Array<ArrayBuffer>;
  gzip: Uint8Array<ArrayBuffer> | null;
}

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  json: "application/json",
  webmanifest: "application/manifest+json",
  txt: "text/plain; charset=utf-8",
};

/** Pages and their files; those of the web client are one, which reads the path itself. */
const PAGES: Record<string, string> = {
  "/": "/index.html",
  "/setup": "/index.html",
  "/reset": "/index.html",
  "/docs": "/docs.html",
};

/** Strict: only this server's own scripts, styles and connections, and nobody may frame it. */
const CSP =
  "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * Reads the built client; a folder that is not there (a gateway without it) serves nothing. `documents` are served
 * beside it, by their paths.
 */
export async function loadAssets(folder: URL, documents: Record<string, unknown> = {}): Promise<Assets> {
  const assets = new Map<string, Asset>();
  for (const [path, document] of Object.entries(documents)) {
    assets.set(path, await documentAsset(document));
  }
  for (const name of await filesIn(folder)) {
    const type = TYPES[name.split(".").at(-1) ?? ""];
    if (!type) continue;
    const plain = await Deno.readFile(new URL(name, folder));
    const gzip = await Deno.readFile(new URL(`${name}.gz`, folder)).catch(() => null);
    assets.set(`/${name}`, { type, plain, gzip, etag: await etagOf(plain) });
  }
  return {
    serve(path, acceptEncoding, ifNoneMatch) {
      const asset = assets.get(PAGES[path] ?? path);
      return asset ? respond(asset, path, acceptEncoding, ifNoneMatch) : null;
    },
  };
}

async function documentAsset(document: unknown): Promise<Asset> {
  const plain = new TextEncoder().encode(JSON.stringify(document));
  const packed = new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"));
  const gzip = new Uint8Array(await new Response(packed).arrayBuffer());
  return { type: TYPES.json, plain, gzip, etag: await etagOf(plain) };
}

/** The answer for what is neither an asset nor a route. */
export function notFound(): Response {
  return problemResponse(new ImError("not_found", "No such page"));
}

function respond(
  asset: Asset,
  path: string,
  acceptEncoding: string | null,
  ifNoneMatch: string | null,
): Response {
  // A hashed name (main.1a2b3c4d.js) never changes its content; everything else is asked for again.
  const hashed = /[.-][0-9A-Za-z]{8,}\.\w+$/.test(path);
  const headers: Record<string, string> = {
    "content-type": asset.type,
    "cache-control": hashed ? "public, max-age=31536000, immutable" : "no-cache",
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
    vary: "accept-encoding",
    etag: asset.etag,
  };
  if (ifNoneMatch === asset.etag) return new Response(null, { status: 304, headers });
  if (!asset.gzip || !/\bgzip\b/.test(acceptEncoding ?? "")) return new Response(asset.plain, { headers });
  return new Response(asset.gzip, { headers: { ...headers, "content-encoding": "gzip" } });
}

async function filesIn(folder: URL): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { isFile, name } of Deno.readDir(folder)) if (isFile) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names;
}

async function etagOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `"${hash.slice(0, 12).toBase64({ alphabet: "base64url" })}"`;
}
