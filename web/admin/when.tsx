import { language } from "../state/settings.ts";
import { fullTime } from "../state/time.ts";
import { words } from "./words.ts";

/** A moment to the minute, or the second, in the person's own time zone; null is never. */
export function When({ at, seconds }: { at: number | null; seconds?: boolean }) {
  if (at === null) return <>{words.value.never}</>;
  return <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>{shortMoment(at, seconds)}</time>;
}

export function shortMoment(at: number, seconds = false): string {
  return new Intl.DateTimeFormat(language.value, {
    dateStyle: "medium",
    timeStyle: seconds ? "medium" : "short",
  }).format(at);
}

export const number = (value: number, digits = 0) =>
  new Intl.NumberFormat(language.value, { maximumFractionDigits: digits }).format(value);
