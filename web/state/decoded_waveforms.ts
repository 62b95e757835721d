import { signal } from "@preact/signals";
import { waveformOf } from "./waveform.ts";

/** Of sounds that came without one: looked at in the bytes, each once, one after another. */
const known = signal<ReadonlyMap<string, readonly number[]>>(new Map());

const MAX_KNOWN = 200;
/** What is larger is not fetched to draw a line. */
const MAX_BYTES = 2 * 1024 * 1024;

let line: Promise<void> = Promise.resolve();
const asked = new Set<string>();

/** Empty until it is known, and for what the browser cannot decode. */
export function decodedWaveform(url: string, size: number): readonly number[] {
  const found = known.value.get(url);
  if (!found && size <= MAX_BYTES && !asked.has(url)) {
    asked.add(url);
    line = line.then(() => decode(url));
  }
  return found ?? [];
}

async function decode(url: string): Promise<void> {
  let waveform: readonly number[] = [];
  try {
    const response = await fetch(url);
    const bytes = response.ok ? await response.arrayBuffer() : new ArrayBuffer(0);
    const sound = await new OfflineAudioContext(1, 1, 8_000).decodeAudioData(bytes);
    waveform = waveformOf(sound.getChannelData(0));
  } catch {
    // It is drawn without.
  }
  const newest = [...known.peek()].slice(1 - MAX_KNOWN);
  for (const [old] of [...known.peek()].slice(0, -MAX_KNOWN + 1)) asked.delete(old);
  known.value = new Map([...newest, [url, waveform]]);
}
