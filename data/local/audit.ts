import { ImError } from "../../wire/errors.ts";
import { type AdminActor, type AuditLine, Role } from "../service.ts";
import type { Reads, Row, Tx } from "../sql/driver.ts";

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

/** A page of lines, newest first. */
export async function readAudit(
  db: Reads,
  { beforeId, limit }: { beforeId: number; limit: number },
): Promise<{ lines: AuditLine[]; more: boolean }> {
  const rows = await db.all<AuditRow>(`SELECT ${COLUMNS} FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?`, [
    beforeId || Number.MAX_SAFE_INTEGER,
    limit + 1,
  ]);
  const lines = rows.slice(0, limit).map(({ admin_id: adminId, target_id: targetId, ...same }) => {
    return { ...same, adminId, targetId };
  });
  return { lines, more: rows.length > limit };
}
