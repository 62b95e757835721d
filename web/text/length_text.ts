/** How long a sound is, as on a clock: 0:07, 1:05, 1:00:00. */
export function lengthText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const parts = hours > 0 ? [hours, pad(minutes), pad(seconds % 60)] : [minutes, pad(seconds % 60)];
  return parts.join(":");
}

const pad = (value: number) => String(value).padStart(2, "0");
