import type { Presence } from "../../sdk/mod.ts";
import { dayOf } from "./day_of.ts";
import { language, text } from "./settings.ts";

/** Formatters are slow to make, and a list asks for the same few over and over. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = language.value + JSON.stringify(options);
  const made = formats.get(key) ?? new Intl.DateTimeFormat(language.value, options);
  formats.set(key, made);
  return made.format(at);
}

export function clockTime(at: number): string {
  return format(at, { hour: "numeric", minute: "2-digit" });
}

/** Today: the time. This week: the weekday. Before: the date. */
export function shortTime(at: number, now = Date.now()): string {
  const days = dayOf(now) - dayOf(at);
  if (days <= 0) return clockTime(at);
  if (days === 1) return text.value.yesterday;
  if (days < 7) return format(at, { weekday: "short" });
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(at, sameYear ? { month: "short", day: "numeric" } : { dateStyle: "short" });
}

export function dayName(at: number, now = Date.now()): string {
  const days = dayOf(now) - dayOf(at);
  if (days === 0) return text.value.today;
  if (days === 1) return text.value.yesterday;
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(at, {
    weekday: "long",
    month: "long",
    day: "numeric",
    ...(!sameYear && { year: "numeric" }),
  });
}

/** Whether somebody is here, or when they were; undefined where that is not known. */
export function lastSeen(presence: Presence | undefined): string | undefined {
  const { online, lastSeen } = text.value.contacts;
  if (presence?.online) return online;
  return presence?.lastSeenAt ? lastSeen(shortTime(presence.lastSeenAt)) : undefined;
}

/** Today: the time; else the date with it, before or after now. */
export function momentTime(at: number, now = Date.now()): string {
  return dayOf(at) === dayOf(now) ? clockTime(at) : format(at, { dateStyle: "medium", timeStyle: "short" });
}

export function fullTime(at: number): string {
  return format(at, { dateStyle: "full", timeStyle: "medium" });
}
