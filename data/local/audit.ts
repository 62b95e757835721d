import { ImError } from "../../wire/errors.ts";
import { type AdminActor, type AuditLine, type AuditRequest, Role } from "../service.ts";
import type { Reads, Row, Tx, Value } from "../sql/driver.ts";

/** One line of the audit log, before it has a time. */
export interface Act {
  /** The operation's name: `admin.disable`. */
  act: string;
  /** 0: none. */
  targetId: number;
  /** What else was asked for; never a secret. */
  detail?: Record<string, unknown>;
}

const COLUMNS = ["id", "at", "admin_id", "act", "target_id", "detail", "address"];

/** Somebody who is an admin now, and not disabled; or forbidden. A role in a token may be out of date. */
export async function requireAdmin(db: Reads, actor: AdminActor | undefined): Promise<AdminActor> {
  const found = actor && await db.all("SELECT id FROM users WHERE id = ? AND role = ? AND disabled_at = 0", [
    actor.userId,
    Role.ROLE_ADMIN,
  ]);
  if (!actor || found?.length !== 1) throw new ImError("forbidden", "For admins of the server");
  return actor;
}

/** Writes a line, inside the transaction of what it records: there is neither without the other. */
export async function record(
  tx: Tx,
  actor: AdminActor,
  { act, targetId, detail = {} }: Act,
  { id, at }: { id: number; at: number },
): Promise<void> {
  await tx.insert("audit", COLUMNS, [[
    id,
    at,
    actor.userId,
    act,
    targetId,
    JSON.stringify(detail),
    actor.address.slice(0, 64),
  ]]);
}

interface AuditRow extends Row {
  id: number;
  at: number;
  admin_id: number;
  act: string;
  target_id: number;
  detail: string;
  address: string;
}

type AuditQuery = Omit<AuditRequest, "actor">;

/** What a reader of the log asked for, for the line about that. */
export function auditDetail({ adminId, act, targetId, since, until }: AuditQuery): Record<string, unknown> {
  return {
    ...(adminId ? { adminId: String(adminId) } : {}),
    ...(act ? { act } : {}),
    ...(targetId ? { targetId: String(targetId) } : {}),
    ...(since ? { since } : {}),
    ...(until ? { until } : {}),
  };
}

/** A page of lines, newest first. */
export async function readAudit(
  db: Reads,
  wanted: AuditQuery,
): Promise<{ lines: AuditLine[]; more: boolean }> {
  const { limit } = wanted;
  const { conditions, values } = conditionsOf(wanted);
  const rows = await db.all<AuditRow>(
    `SELECT ${COLUMNS} FROM audit WHERE ${conditions.join(" AND ")} ORDER BY id DESC LIMIT ?`,
    [...values, limit + 1],
  );
  const lines = rows.slice(0, limit).map(({ admin_id: adminId, target_id: targetId, ...same }) => {
    return { ...same, adminId, targetId };
  });
  return { lines, more: rows.length > limit };
}

/** Each has an index, in which a page's lines lie by id. */
function conditionsOf({ beforeId, adminId, act, targetId, since, until }: AuditQuery) {
  const asked: [condition: string, value: Value][] = [
    ["id < ?", beforeId || Number.MAX_SAFE_INTEGER],
    ["admin_id = ?", adminId],
    ["act = ?", act],
    // The first is the condition of SQLite's index.
    ["target_id > 0 AND target_id = ?", targetId],
    ["at >= ?", since],
    ["at < ?", until],
  ];
  const given = asked.filter(([, value]) => value !== 0 && value !== "");
  return { conditions: given.map(([condition]) => condition), values: given.map(([, value]) => value) };
}
