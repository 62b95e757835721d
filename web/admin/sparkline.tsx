const WIDTH = 120;
const HEIGHT = 32;
/** A line at rest lies at the bottom, and is seen. */
const MARGIN = 2;

/** The path of some values from left to right, the newest at the end of a line of `room` values. */
export function sparkPath(values: readonly number[], room: number): string {
  const top = Math.max(...values, 0);
  const step = WIDTH / Math.max(1, room - 1);
  const left = WIDTH - (values.length - 1) * step;
  const height = HEIGHT - 2 * MARGIN;
  return values.map((value, i) => {
    const y = HEIGHT - MARGIN - (top > 0 ? value / top * height : 0);
    return `${i === 0 ? "M" : "L"}${(left + i * step).toFixed(1)} ${y.toFixed(1)}`;
  }).join("");
}

/** A small line of what has been; the number beside it says what is. */
export function Sparkline({ values, room }: { values: readonly number[]; room: number }) {
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <path class="ground" d={`M0 ${HEIGHT - 1}H${WIDTH}`} />
      <path d={sparkPath(values, room)} />
    </svg>
  );
}
