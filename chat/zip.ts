import { Zip, ZipDeflate, ZipPassThrough } from "fflate";

/** One file of an archive; `stored`: packing it would not make it smaller. */
export interface ZipEntry {
  name: string;
  stored?: boolean;
  read(): AsyncIterable<Uint8Array>;
}

/** So much is packed in one go, a millisecond or two of this thread. */
const SLICE_BYTES = 64 * 1024;

/** An archive as its bytes are asked for: nothing is read before, and no more is held than one slice and its packing. */
export async function* zip(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const packed: Uint8Array[] = [];
  const archive = new Zip((error, bytes) => {
    if (error) throw error;
    if (bytes.length > 0) packed.push(bytes);
  });
  for await (const { name, stored, read } of entries) {
    const file = stored ? new ZipPassThrough(name) : new ZipDeflate(name, { level: 6 });
    archive.add(file);
    for await (const bytes of read()) {
      for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
        // A copy, because packing keeps what it is given for a while.
        file.push(bytes.slice(from, from + SLICE_BYTES));
        yield* packed.splice(0);
      }
    }
    file.push(new Uint8Array(), true);
    yield* packed.splice(0);
  }
  archive.end();
  yield* packed.splice(0);
}
