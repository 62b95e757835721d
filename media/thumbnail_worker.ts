import { initPhoton, PhotonImage, resize, SamplingFilter } from "photon/others";
import wasm from "photon/photon.wasm" with { type: "bytes" };
import { turned } from "./orientation.ts";
import { THUMBNAIL_PIXELS } from "./thumbnail.ts";

export interface ThumbnailRequest {
  bytes: Uint8Array;
  orientation: number;
}

/** `ready` once, when the handler stands; then one answer for each request. */
export type ThumbnailReply =
  | { kind: "ready" }
  | { kind: "thumbnail"; mime: "image/jpeg" | "image/png"; bytes: Uint8Array }
  | { kind: "failure"; message: string };

/** The part of DedicatedWorkerGlobalScope that is used; `self` of a worker fits. */
export interface ThumbnailWorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

const QUALITY = 78;

/** Makes this thread make thumbnails for `openThumbnails`. The decoders are Rust in WebAssembly: they reach nothing. */
export function serveThumbnailWorker(self: ThumbnailWorkerScope): void {
  const reply = (message: ThumbnailReply) => self.postMessage(message);
  let started: Promise<unknown> | undefined;
  self.onmessage = async (event: MessageEvent<ThumbnailRequest>) => {
    try {
      await (started ??= initPhoton({ module_or_path: wasm }));
      reply({ kind: "thumbnail", ...shrink(event.data) });
    } catch (error) {
      reply({ kind: "failure", message: String(error) });
    }
  };
  reply({ kind: "ready" });
}

function shrink({ bytes, orientation }: ThumbnailRequest) {
  using image = owned(PhotonImage.new_from_byteslice(bytes));
  const [width, height] = [image.it.get_width(), image.it.get_height()];
  const scale = Math.min(1, THUMBNAIL_PIXELS / Math.max(width, height));
  const side = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  using small = owned(resize(image.it, side(width), side(height), SamplingFilter.Triangle));
  const raw = { pixels: small.it.get_raw_pixels(), width: side(width), height: side(height) };
  const upright = turned(raw, orientation);
  using result = owned(new PhotonImage(upright.pixels, upright.width, upright.height));
  return isOpaque(upright.pixels)
    ? { mime: "image/jpeg" as const, bytes: result.it.get_bytes_jpeg(QUALITY) }
    : { mime: "image/png" as const, bytes: result.it.get_bytes() };
}

/** Memory of the module is given back by hand. */
function owned(it: PhotonImage): { it: PhotonImage; [Symbol.dispose](): void } {
  return { it, [Symbol.dispose]: () => it.free() };
}

function isOpaque(pixels: Uint8Array): boolean {
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 255) return false;
  return true;
}
