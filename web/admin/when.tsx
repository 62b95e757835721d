import { language } from "../state/settings.ts";
import { fullTime } from "../state/time.ts";
import { words } from "./words.ts";

/** A moment to the minute, in the person's own time zone; null is never. */
export function When({ at }: { at: number | null }) {
  if (at === null) return <>{words.value.never}</>;
  return <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>{shortMoment(at)}</time>;
}

export function shortMoment(at: number): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(at);
}

export const number = (value: number, digits = 0) =>
  new Intl.NumberFormat(language.value, { maximumFractionDigits: digits }).format(value);
