/** One file for an archive; `path` is relative, with slashes, at most 100 bytes. */
export interface TarEntry {
  path: string;
  mode: number;
  data: Uint8Array<ArrayBuffer>;
}

const block = 512;

/**
 * A file as a tar entry (ustar): header, data, padding. Time and owner are zero, so that the same content
 * always makes the same bytes. `tar` itself would need a different flag for that on every system.
 */
export function tarEntry({ path, mode, data }: TarEntry): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  if (encoder.encode(path).length > 100) throw new RangeError(`tar: path is too long: ${path}`);
  const entry = new Uint8Array(block + Math.ceil(data.length / block) * block);
  const write = (at: number, text: string) => entry.set(encoder.encode(text), at);
  const octal = (at: number, digits: number, value: number) =>
    write(at, value.toString(8).padStart(digits, "0"));
  write(0, path);
  octal(100, 7, mode);
  octal(108, 7, 0);
  octal(116, 7, 0);
  octal(124, 11, data.length);
  octal(136, 11, 0);
  write(148, " ".repeat(8));
  write(156, "0");
  write(257, "ustar\x0000");
  octal(148, 6, entry.subarray(0, block).reduce((sum, byte) => sum + byte, 0));
  entry[154] = 0;
  entry.set(data, block);
  return entry;
}

/** What ends an archive; padded, because some tars read in units of 20 blocks. */
export function tarEnd(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(20 * block);
}
