/** The first moment of a day in the person's own time zone, `days` later; undefined where none was chosen. */
export function dayStart(day: string, days = 0): number | undefined {
  const [year, month, date] = day.split("-").map(Number);
  return day === "" ? undefined : new Date(year, month - 1, date + days).getTime();
}
