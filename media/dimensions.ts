/** Of a picture as it is shown, in pixels. */
export interface Dimensions {
  width: number;
  height: number;
  /** How it is to be turned (EXIF 2.3, tag 0x0112), 1 to 8; 1: not at all. `width` and `height` are after turning. */
  orientation: number;
}

/**
 * The size of a picture by its header, nothing decoded: PNG, JPEG, GIF, WebP. Null for what is none of these or whose
 * header is not there or makes no sense. A header may lie; whoever decodes is bounded by it, and fails if it did.
 */
export function dimensionsOf(bytes: Uint8Array): Dimensions | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const found = png(view) ?? gif(view) ?? webp(view) ?? jpeg(view);
    return found && found.width > 0 && found.height > 0 ? found : null;
  } catch (error) {
    // Read beyond the end.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const upright = (width: number, height: number): Dimensions => ({ width, height, orientation: 1 });

function png(view: DataView): Dimensions | null {
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(12) !== 0x49484452) return null;
  return upright(view.getUint32(16), view.getUint32(20));
}

function gif(view: DataView): Dimensions | null {
  if (view.getUint32(0) !== 0x47494638) return null;
  return upright(view.getUint16(6, true), view.getUint16(8, true));
}

function webp(view: DataView): Dimensions | null {
  if (view.getUint32(0) !== 0x52494646 || view.getUint32(8) !== 0x57454250) return null;
  const uint24 = (at: number) => view.getUint16(at, true) | view.getUint8(at + 2) << 16;
  switch (view.getUint32(12)) {
    case 0x56503858: // VP8X
      return upright(uint24(24) + 1, uint24(27) + 1);
    case 0x5650384c: { // VP8L
      const bits = view.getUint32(21, true);
      return upright((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    case 0x56503820: // VP8
      return upright(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
    default:
      return null;
  }
}

/** Walks the segments up to the frame header, and notes the orientation on the way. */
function jpeg(view: DataView): Dimensions | null {
  if (view.getUint16(0) !== 0xffd8) return null;
  let orientation = 1;
  for (let at = 2;;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = view.getUint16(at + 2);
    if (length < 2) return null;
    if (marker === 0xe1) orientation = exifOrientation(view, at + 4, length - 2) ?? orientation;
    if (isFrameHeader(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return orientation >= 5
        ? { width: height, height: width, orientation }
        : { width, height, orientation };
    }
    if (marker === 0xda || marker === 0xd9) return null;
    at += 2 + length;
  }
}

/** SOF0 to SOF15 without DHT, JPG and DAC. */
const isFrameHeader = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function exifOrientation(view: DataView, start: number, length: number): number | null {
  if (length < 14 || view.getUint32(start) !== 0x45786966) return null;
  const tiff = start + 6;
  const little = view.getUint16(tiff) === 0x4949;
  const directory = tiff + view.getUint32(tiff + 4, little);
  const end = start + length;
  if (directory + 2 > end) return null;
  const count = view.getUint16(directory, little);
  for (let n = 0; n < count && directory + 2 + (n + 1) * 12 <= end; n++) {
    const entry = directory + 2 + n * 12;
    if (view.getUint16(entry, little) !== 0x0112) continue;
    const value = view.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : null;
  }
  return null;
}
