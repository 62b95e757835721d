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
