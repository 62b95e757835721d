import { ImError } from "../../wire/errors.ts";
import {
  type Account,
  AccountState,
  type Admin,
  type AdminActor,
  ConversationType,
  GroupState,
  Role,
} from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import { listGroups } from "./admin_groups.ts";
import { type Act, auditDetail, readAudit, record, requireAdmin } from "./audit.ts";
import { createBroadcasts } from "./broadcasts.ts";
import type { Clock } from "./clock.ts";
import { closeAccounts } from "./deletion.ts";
import { lockHeads } from "./entries.ts";
import { removeFactor } from "./factors.ts";
import { readMemberPage } from "./member_list.ts";
import { endGroup, lockEveryone } from "./groups/dissolve.ts";
import { retryOnce } from "./retry_once.ts";
import { noteRevised } from "./revisions.ts";
import { endAll, requireEnabled } from "./sessions.ts";
import { COLUMNS, toUser, type UserRow } from "./users.ts";

/** What the admins of a server do; each act with its line in the audit log. */
export function createAdmin(db: Storage, clock: Clock): Admin {
  const { now, nextId } = clock;

  /** One act: the actor's right, what is done, and the line about it, in one transaction. */
  function act<T>(
    actor: AdminActor | undefined,
    line: Act,
    run: (tx: Tx, admin: AdminActor) => Promise<T>,
  ): Promise<T> {
    return retryOnce(() =>
      db.transaction(async (tx) => {
        const admin = await requireAdmin(tx, actor);
        const result = await run(tx, admin);
        await record(tx, admin, line, { id: nextId(), at: now() });
        return result;
      })
    );
  }

  return {
    async note({ actor, act: name, targetId, detail }) {
      await act(actor, { act: name, targetId, detail: JSON.parse(detail) }, () => Promise.resolve());
      return {};
    },

    listAccounts({ actor, ...wanted }) {
      const { state, query, userId } = wanted;
      const line = userId > 0 ? { act: "admin.user", targetId: userId } : {
        act: "admin.users",
        targetId: 0,
        detail: { state: stateName(state), ...(query ? { query } : {}) },
      };
      return act(actor, line, (tx) => listAccounts(tx, wanted, now()));
    },

    setDisabled({ actor, userId, disabled, reason }) {
      const detail = reason ? { reason } : {};
      return act(
        actor,
        { act: disabled ? "admin.disable" : "admin.enable", targetId: userId, detail },
        async (tx) => {
          const ids = await withBots(tx, actor, userId);
          await tx.run(
            "UPDATE users SET disabled_at = ? WHERE id = ? AND (disabled_at = 0) = ? AND closed_at = 0",
            [
              disabled ? now() : 0,
              userId,
              disabled ? 1 : 0,
            ],
          );
          return { ended: disabled ? await endAll(tx, ids, now()) : [] };
        },
      );
    },

    setRole({ actor, userId, role }) {
      const detail = { role: role === Role.ROLE_ADMIN ? "admin" : "user" };
      return act(actor, { act: "admin.setRole", targetId: userId, detail }, async (tx) => {
        await holdOther(tx, actor, [userId]);
        await requirePerson(tx, userId);
        const changed = await tx.run("UPDATE users SET role = ? WHERE id = ? AND role <> ?", [
          role,
          userId,
          role,
        ]);
        if (changed > 0) await noteRevised(tx, [userId]);
        return { changed: changed > 0 };
      });
    },

    endSessions({ actor, userId }) {
      return act(actor, { act: "admin.endSessions", targetId: userId }, async (tx) => {
        await requireAccount(tx, userId);
        return { ended: await endAll(tx, [userId], now()) };
      });
    },

    deleteUser({ actor, userId, keepUntil }) {
      return act(actor, { act: "admin.deleteUser", targetId: userId }, async (tx) => {
        const ids = await withBots(tx, actor, userId);
        return { ended: await closeAccounts(tx, ids, keepUntil, now()) };
      });
    },

    offerReset({ actor, userId, tokenHash, expiresAt }) {
      return act(actor, { act: "admin.resetPassword", targetId: userId }, async (tx) => {
        refuseSelf(actor, userId);
        await requirePerson(tx, userId);
        await tx.upsert("password_resets", ["user_id", "token_hash", "expires_at"], 1, "set", [
          [userId, tokenHash, expiresAt],
        ]);
        // Nothing has this hash, as with a name that is unknown.
        await tx.run("UPDATE users SET password_hash = '' WHERE id = ?", [userId]);
        return { ended: await endAll(tx, [userId], now()) };
      });
    },

    removeFactor({ actor, userId }) {
      return act(actor, { act: "admin.removeTotp", targetId: userId }, async (tx) => {
        refuseSelf(actor, userId);
        await requirePerson(tx, userId);
        return { inbox: await removeFactor(tx, userId, now()) };
      });
    },

    useReset: ({ tokenHash, passwordHash }) =>
      db.transaction(async (tx) => {
        const [reset] = await tx.all<Row & { user_id: number }>(
          "SELECT user_id FROM password_resets WHERE token_hash = ? AND expires_at > ?",
          [tokenHash, now()],
        );
        if (!reset) throw new ImError("reset_token_invalid");
        await lockHeads(tx, [reset.user_id]);
        await requireEnabled(tx, reset.user_id);
        const used = await tx.run("DELETE FROM password_resets WHERE user_id = ? AND token_hash = ?", [
          reset.user_id,
          tokenHash,
        ]);
        if (used === 0) throw new ImError("reset_token_invalid");
        await tx.run("UPDATE users SET password_hash = ? WHERE id = ?", [passwordHash, reset.user_id]);
        const [user] = await tx.all<UserRow>(`SELECT ${COLUMNS} FROM users WHERE id = ?`, [reset.user_id]);
        return toUser(user);
      }),

    members({ actor, conversationId, afterId, limit }) {
      return act(actor, { act: "admin.members", targetId: conversationId }, async (tx) => {
        const there = await tx.all("SELECT id FROM conversations WHERE id = ?", [conversationId]);
        if (there.length === 0) throw new ImError("conversation_not_found");
        return await readMemberPage(tx, { conversationId, afterId, limit });
      });
    },

    dissolve({ actor, conversationId }) {
      return act(actor, { act: "admin.dissolve", targetId: conversationId }, async (tx, admin) => {
        const memberIds = await lockEveryone(tx, conversationId);
        const [group] = await tx.all<Row & { type: number; dissolved_seq: number }>(
          "SELECT type, dissolved_seq FROM conversations WHERE id = ?",
          [conversationId],
        );
        if (!group || group.dissolved_seq > 0) throw new ImError("conversation_not_found");
        if (group.type !== ConversationType.CONVERSATION_GROUP) {
          throw new ImError("forbidden", "A direct conversation always has its two people");
        }
        return await endGroup(tx, { conversationId, actorId: admin.userId, memberIds }, now());
      });
    },

    listGroups({ actor, ...wanted }) {
      const { state, query, conversationId: targetId } = wanted;
      const name = GroupState[state].replace("GROUP_", "").toLowerCase();
      const detail = { state: name, ...(query ? { query } : {}) };
      return act(actor, { act: "admin.groups", targetId, detail }, (tx) => listGroups(tx, wanted));
    },

    audit: ({ actor, ...wanted }) =>
      act(
        actor,
        { act: "admin.audit", targetId: 0, detail: auditDetail(wanted) },
        (tx) => readAudit(tx, wanted),
      ),

    ...createBroadcasts(db, clock, act),
  };
}

/**
 * Holds the heads of the actor and of those acted on, and finds the actor to be an admin still: so two who would take
 * each other's role away do so one after the other. Whoever acts stays an admin, so there always is one.
 */
async function holdOther(tx: Tx, actor: AdminActor | undefined, ids: readonly number[]): Promise<void> {
  refuseSelf(actor, ids[0]);
  await lockHeads(tx, [actor!.userId, ...ids]);
  await requireAdmin(tx, actor);
}

function refuseSelf(actor: AdminActor | undefined, userId: number): void {
  if (actor?.userId === userId) throw new ImError("conflict", "That is you");
}

/** An account that was not deleted, whose head is held from here on; or user_not_found. */
async function requireAccount(tx: Tx, userId: number): Promise<{ owner_id: number }> {
  await lockHeads(tx, [userId]);
  const [user] = await tx.all<Row & { owner_id: number }>(
    "SELECT owner_id FROM users WHERE id = ? AND closed_at = 0",
    [userId],
  );
  if (!user) throw new ImError("user_not_found");
  return user;
}

async function requirePerson(tx: Tx, userId: number): Promise<void> {
  if ((await requireAccount(tx, userId)).owner_id > 0) throw new ImError("conflict", "That is a bot");
}

/** An account and its bots, whose heads are held from here on: none of them begins a session meanwhile. */
async function withBots(tx: Tx, actor: AdminActor | undefined, userId: number): Promise<number[]> {
  const bots = () =>
    tx.all<Row & { id: number }>("SELECT id FROM users WHERE owner_id = ? AND closed_at = 0", [userId]);
  await holdOther(tx, actor, [userId, ...(await bots()).map(({ id }) => id)]);
  await requireAccount(tx, userId);
  return [userId, ...(await bots()).map(({ id }) => id)];
}

const STATES: Record<AccountState, string> = {
  [AccountState.ACCOUNT_ANY]: "1 = 1",
  [AccountState.ACCOUNT_ACTIVE]: "disabled_at = 0",
  [AccountState.ACCOUNT_DISABLED]: "disabled_at > 0",
  [AccountState.ACCOUNT_ADMIN]: `role = ${Role.ROLE_ADMIN}`,
  [AccountState.ACCOUNT_BOT]: "owner_id > 0",
};

/** As the operation calls it: `disabled`. */
const stateName = (state: AccountState) => AccountState[state].replace("ACCOUNT_", "").toLowerCase();

interface AccountRow extends UserRow {
  disabled_at: number;
  last_seen_at: number;
}

async function listAccounts(
  tx: Tx,
  { state, query, userId, afterId, limit }: {
    state: AccountState;
    query: string;
    userId: number;
    afterId: number;
    limit: number;
  },
  at: number,
): Promise<{ accounts: Account[]; more: boolean }> {
  const conditions = [STATES[state], "id > ?"];
  const values: (string | number)[] = [afterId];
  if (userId > 0) {
    conditions.push("id = ?");
    values.push(userId);
  }
  if (query !== "") {
    // As in Users.search: U+10FFFF sorts behind every character a key can have.
    const end = query + "\u{10FFFF}";
    conditions.push("((username_key >= ? AND username_key < ?) OR (display_key >= ? AND display_key < ?))");
    values.push(query, end, query, end);
  }
  const rows = await tx.all<AccountRow>(
    `SELECT ${COLUMNS}, disabled_at, last_seen_at FROM users
     WHERE ${conditions.join(" AND ")} ORDER BY id LIMIT ?`,
    [...values, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const running = await tx.allIn<Row & { user_id: number; expires_at: number; revoked_at: number | null }>(
    "SELECT user_id, expires_at, revoked_at FROM sessions WHERE user_id IN {keys}",
    shown.map((row) => [row.id]),
  );
  const counts = new Map<number, number>();
  for (const { user_id, expires_at, revoked_at } of running) {
    if (revoked_at === null && expires_at > at) counts.set(user_id, (counts.get(user_id) ?? 0) + 1);
  }
  const accounts = shown.map((row) => ({
    user: toUser(row),
    disabledAt: row.disabled_at,
    seenAt: row.last_seen_at,
    sessions: counts.get(row.id) ?? 0,
  }));
  return { accounts, more: rows.length > limit };
}
