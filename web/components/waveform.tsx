const BAR = 4;
const HEIGHT = 32;
/** Silence is seen, too. */
const LEAST = 2;

/** A sound as bars, those before `played` (0 to 1) in another colour. Without levels it is a line. */
export function Waveform({ levels, played }: { levels: readonly number[]; played: number }) {
  const bars = levels.length > 0 ? levels : Array(48).fill(0);
  const d = bars.map((level, index) => {
    const half = Math.max(LEAST, level / 255 * (HEIGHT - 4)) / 2;
    const x = index * BAR + BAR / 2;
    return `M${x} ${(HEIGHT / 2 - half).toFixed(1)}V${(HEIGHT / 2 + half).toFixed(1)}`;
  }).join("");
  return (
    <svg
      class="waveform"
      viewBox={`0 0 ${bars.length * BAR} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <path d={d} />
      <path class="played" d={d} style={{ clipPath: `inset(0 ${100 - 100 * played}% 0 0)` }} />
    </svg>
  );
}
