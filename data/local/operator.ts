import { ImError } from "../../wire/errors.ts";
import { Role, type User } from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import { record } from "./audit.ts";
import type { Clock } from "./clock.ts";
import { lockHeads } from "./entries.ts";
import { removeFactor } from "./factors.ts";
import { retryOnce } from "./retry_once.ts";
import { noteRevised } from "./revisions.ts";
import { endAll } from "./sessions.ts";
import { insertUser } from "./users.ts";

/** Who stands in the audit log for what is done at the command line: nobody's id, and this for an address. */
const OPERATOR = { userId: 0, address: "command line" };

export interface FoundAccount {
  id: number;
  username: string;
  role: Role;
  isDisabled: boolean;
  /** 0: a person. */
  ownerId: number;
}

/**
 * What who can reach the database does to accounts, without being one. Not part of Data: no gateway may. Each act is in
 * the audit log; running gateways notice ended sessions by their sweep, within seconds.
 */
export interface Operator {
  /** Errors: user_not_found. */
  find(usernameKey: string): Promise<FoundAccount>;
  /** Errors: username_taken. */
  create(account: {
    username: string;
    usernameKey: string;
    displayName: string;
    displayKey: string;
    passwordHash: string;
    isAdmin: boolean;
  }): Promise<User>;
  /** Ends all sessions; answers how many. */
  setPassword(userId: number, passwordHash: string): Promise<number>;
  /** Leaves no password, and one token to set another with; ends all sessions; answers how many. */
  offerReset(userId: number, tokenHash: string, expiresAt: number): Promise<number>;
  /** Switches the second factor off; answers whether it was on. Running gateways tell their devices by the sweep. */
  removeFactor(userId: number): Promise<boolean>;
  /** Ends all sessions, those of its bots too, when it is disabled; answers how many. */
  setDisabled(userId: number, disabled: boolean): Promise<number>;
  setAdmin(userId: number, isAdmin: boolean): Promise<void>;
}

export function createOperator(db: Storage, { now, nextId }: Clock): Operator {
  const note = (tx: Tx, act: string, targetId: number, detail: Record<string, unknown> = {}) =>
    record(tx, OPERATOR, { act, targetId, detail }, { id: nextId(), at: now() });

  /** In one transaction with its line in the log, on accounts whose heads are held. */
  const onAccount = <T>(userId: number, run: (tx: Tx, ids: number[]) => Promise<T>) =>
    retryOnce(() =>
      db.transaction(async (tx) => {
        const bots = await tx.all<Row & { id: number }>(
          "SELECT id FROM users WHERE owner_id = ? AND closed_at = 0",
          [userId],
        );
        const ids = [userId, ...bots.map(({ id }) => id)];
        await lockHeads(tx, ids);
        return await run(tx, ids);
      })
    );

  return {
    find: (usernameKey) => find(db, usernameKey),

    create: ({ isAdmin, ...names }) =>
      retryOnce(() =>
        db.transaction(async (tx) => {
          const role = isAdmin ? Role.ROLE_ADMIN : Role.ROLE_USER;
          const user = await insertUser(tx, { ...names, id: nextId(), role, createdAt: now(), ownerId: 0 });
          await note(tx, "operator.createUser", user.id, { role: isAdmin ? "admin" : "user" });
          return user;
        })
      ),

    setPassword: (userId, passwordHash) =>
      onAccount(userId, async (tx) => {
        await tx.run("UPDATE users SET password_hash = ? WHERE id = ?", [passwordHash, userId]);
        await tx.run("DELETE FROM password_resets WHERE user_id = ?", [userId]);
        await note(tx, "admin.resetPassword", userId);
        return (await endAll(tx, [userId], now())).length;
      }),

    offerReset: (userId, tokenHash, expiresAt) =>
      onAccount(userId, async (tx) => {
        const row = [userId, tokenHash, expiresAt];
        await tx.upsert("password_resets", ["user_id", "token_hash", "expires_at"], 1, "set", [row]);
        await tx.run("UPDATE users SET password_hash = '' WHERE id = ?", [userId]);
        await note(tx, "admin.resetPassword", userId);
        return (await endAll(tx, [userId], now())).length;
      }),

    removeFactor: (userId) =>
      onAccount(userId, async (tx) => {
        await note(tx, "admin.removeTotp", userId);
        return await removeFactor(tx, userId, now()) !== undefined;
      }),

    setDisabled: (userId, disabled) =>
      onAccount(userId, async (tx, ids) => {
        await tx.run("UPDATE users SET disabled_at = ? WHERE id = ?", [disabled ? now() : 0, userId]);
        await note(tx, disabled ? "admin.disable" : "admin.enable", userId);
        return disabled ? (await endAll(tx, ids, now())).length : 0;
      }),

    setAdmin: (userId, isAdmin) =>
      onAccount(userId, async (tx) => {
        const role = isAdmin ? Role.ROLE_ADMIN : Role.ROLE_USER;
        await tx.run("UPDATE users SET role = ? WHERE id = ?", [role, userId]);
        await noteRevised(tx, [userId]);
        await note(tx, "admin.setRole", userId, { role: isAdmin ? "admin" : "user" });
      }),
  };
}

async function find(db: Storage, usernameKey: string): Promise<FoundAccount> {
  const [row] = await db.all<
    Row & { id: number; username: string; role: number; disabled_at: number; owner_id: number }
  >(
    "SELECT id, username, role, disabled_at, owner_id FROM users WHERE username_key = ? AND closed_at = 0",
    [usernameKey],
  );
  if (!row) throw new ImError("user_not_found");
  const { id, username, role, owner_id: ownerId } = row;
  return { id, username, role, ownerId, isDisabled: row.disabled_at > 0 };
}
