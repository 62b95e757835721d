import { signal } from "@preact/signals";

/** What of the audit log is looked at. Empty: any. */
export interface AuditFilter {
  adminId: string;
  act: string;
  /** A username or an id, as it is typed. */
  target: string;
  /** Days, as `<input type="date">` has them. */
  from: string;
  to: string;
}

export const NO_FILTER: AuditFilter = { adminId: "", act: "", target: "", from: "", to: "" };
export const auditFilter = signal<AuditFilter>(NO_FILTER);

/** What a link to the log is about. */
export function showAudit(filter: Partial<AuditFilter>): void {
  auditFilter.value = { ...NO_FILTER, ...filter };
}

/** The first moment of a day in the person's own time zone, `days` later; undefined where none was chosen. */
export function dayStart(day: string, days = 0): number | undefined {
  const [year, month, date] = day.split("-").map(Number);
  return day === "" ? undefined : new Date(year, month - 1, date + days).getTime();
}
