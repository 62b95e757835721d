/** How many bars a waveform has; a message may carry up to 256. */
const BARS = 48;

/**
 * Loudness over time in a few bars, each from 0 to 255: the loudest of its part, the loudest of all being 255 so that
 * a low voice is seen, too. `levels` are in order, from 0 to 1 or -1 to 1; of none there is no waveform.
 */
export function waveformOf(levels: ArrayLike<number>, bars = BARS): number[] {
  if (levels.length === 0) return [];
  const peaks = Array.from({ length: bars }, (_, bar) => {
    const from = Math.floor(bar * levels.length / bars);
    const to = Math.max(from + 1, Math.floor((bar + 1) * levels.length / bars));
    let peak = 0;
    for (let i = from; i < to; i++) peak = Math.max(peak, Math.abs(levels[i]));
    return peak;
  });
  const loudest = Math.max(...peaks);
  return peaks.map((peak) => loudest > 0 ? Math.round(255 * peak / loudest) : 0);
}
