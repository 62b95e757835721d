export interface Pixels {
  /** Red, green, blue, alpha of each, row by row. */
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** A picture as it is to be shown, by the orientation that its camera noted (EXIF 2.3, tag 0x0112). */
export function turned({ pixels, width, height }: Pixels, orientation: number): Pixels {
  if (orientation < 2 || orientation > 8) return { pixels, width, height };
  const swaps = orientation >= 5;
  const [toWidth, toHeight] = swaps ? [height, width] : [width, height];
  const from = new Uint32Array(pixels.slice().buffer);
  const to = new Uint32Array(from.length);
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const [fromX, fromY] = SOURCES[orientation](x, y, width - 1, height - 1);
      to[y * toWidth + x] = from[fromY * width + fromX];
    }
  }
  return { pixels: new Uint8Array(to.buffer), width: toWidth, height: toHeight };
}

/** Where the pixel at x, y of the shown picture lies in the stored one, whose last column and row are given. */
const SOURCES: Record<number, (x: number, y: number, right: number, bottom: number) => [number, number]> = {
  2: (x, y, right) => [right - x, y],
  3: (x, y, right, bottom) => [right - x, bottom - y],
  4: (x, y, _, bottom) => [x, bottom - y],
  5: (x, y) => [y, x],
  6: (x, y, _, bottom) => [y, bottom - x],
  7: (x, y, right, bottom) => [right - y, bottom - x],
  8: (x, y, right) => [right - y, x],
};
