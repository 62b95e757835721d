import { newOneTimeToken } from "../auth/refresh.ts";
import type { Bus } from "../bus/bus.ts";
import {
  type Account,
  AccountState,
  type AdminGroup,
  type AuditLine,
  type Broadcast,
  type Data,
  type EndedSession,
  GroupState,
  Role,
  type User,
} from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import { ImError, type Output } from "../wire/mod.ts";
import { announceChange, announceInboxes } from "./announce.ts";
import type { Broadcasts } from "./broadcasts.ts";
import { presentMembers } from "./conversations.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import type { Deletions } from "./deletions.ts";
import type { Figures } from "./figures.ts";
import type { AdminCaller, Caller, HandlersOf } from "./handlers.ts";
import { NAME_KEPT_MS } from "./profiles.ts";
import { presentFigures } from "./present_figures.ts";
import { presentContact, presentStanding, presentUser } from "./present.ts";
import { RecentMap } from "./recent_map.ts";
import { announceSessionEnd } from "./sessions.ts";

/** The token to set a password with is good for this long. */
export const RESET_TTL_MS = 24 * 3600 * 1000;
/** Who looks at the figures asks every few seconds, and stands in the audit log once in this time. */
const LOOK_MS = 600_000;
const MAX_LOOKING = 1_000;

export interface AdminParts {
  data: Data;
  bus: Bus;
  broadcasts: Pick<Broadcasts, "begin">;
  deletions: Pick<Deletions, "begin">;
  figures: Pick<Figures, "all">;
  now: () => number;
  nextId: () => number;
}

const STATES = {
  any: AccountState.ACCOUNT_ANY,
  active: AccountState.ACCOUNT_ACTIVE,
  disabled: AccountState.ACCOUNT_DISABLED,
  admin: AccountState.ACCOUNT_ADMIN,
  bot: AccountState.ACCOUNT_BOT,
} as const;

const GROUP_STATES = {
  any: GroupState.GROUP_ANY,
  active: GroupState.GROUP_ACTIVE,
  dissolved: GroupState.GROUP_DISSOLVED,
} as const;

/**
 * Refuses whoever is not an admin now; the role in an access token may be a quarter of an hour old. Where `withFactor`,
 * also an admin whose logins take a password alone (second_factor_needed).
 */
export function createRequireAdmin(data: Data, withFactor: boolean): (caller: Caller) => Promise<void> {
  return async ({ userId }) => {
    const { users: [user] } = await data.users.get({ ids: [userId] });
    if (user?.role !== Role.ROLE_ADMIN) throw new ImError("forbidden", "For admins of the server");
    if (withFactor && (await data.profiles.get({ userId })).factorAt === 0) {
      throw new ImError("second_factor_needed");
    }
  };
}

/** What admins of the server do. Data looks once more whether they are, and writes the audit log. */
export function createAdminHandlers(parts: AdminParts): HandlersOf<"admin"> {
  const { data, bus, broadcasts, deletions, figures, now, nextId } = parts;
  /** When each admin's looking at the figures was last recorded here. */
  const looks = new RecentMap<number, number>(MAX_LOOKING);
  const actorOf = ({ userId, address }: AdminCaller) => ({ userId, address });

  async function ending(change: Promise<{ ended: EndedSession[] }>): Promise<number> {
    const { ended } = await change;
    for (const { userId, sessionId } of ended) announceSessionEnd(bus, userId, sessionId);
    return ended.length;
  }

  return {
    "admin.users": async (caller, { state, query = "", cursor, limit }) => {
      const { accounts, more } = await data.admin.listAccounts({
        actor: actorOf(caller),
        state: STATES[state],
        query: foldName(query),
        userId: 0,
        afterId: parseCursor(cursor, 1)[0],
        limit,
      });
      const last = accounts.at(-1);
      return {
        users: accounts.map(presentAccount),
        nextCursor: more && last ? formatCursor(last.user!.id) : null,
      };
    },

    "admin.user": async (caller, { userId }) => {
      const wanted = {
        state: AccountState.ACCOUNT_ANY,
        query: "",
        userId: Number(userId),
        afterId: 0,
        limit: 1,
      };
      const { accounts: [account] } = await data.admin.listAccounts({ actor: actorOf(caller), ...wanted });
      if (!account) throw new ImError("user_not_found");
      return {
        ...presentAccount(account),
        ...presentContact(await data.profiles.get({ userId: Number(userId) })),
      };
    },

    "admin.disable": async (caller, { userId, reason = "" }) => {
      const change = { actor: actorOf(caller), userId: Number(userId), disabled: true, reason };
      await ending(data.admin.setDisabled(change));
      return {};
    },

    "admin.enable": async (caller, { userId }) => {
      await data.admin.setDisabled({
        actor: actorOf(caller),
        userId: Number(userId),
        disabled: false,
        reason: "",
      });
      return {};
    },

    "admin.setRole": async (caller, { userId, role: wanted }) => {
      const role = wanted === "admin" ? Role.ROLE_ADMIN : Role.ROLE_USER;
      await data.admin.setRole({ actor: actorOf(caller), userId: Number(userId), role });
      return {};
    },

    "admin.endSessions": async (caller, { userId }) => {
      return {
        ended: await ending(data.admin.endSessions({ actor: actorOf(caller), userId: Number(userId) })),
      };
    },

    "admin.deleteUser": async (caller, { userId }) => {
      const keepUntil = now() + NAME_KEPT_MS;
      await ending(data.admin.deleteUser({ actor: actorOf(caller), userId: Number(userId), keepUntil }));
      deletions.begin([Number(userId)]);
      return {};
    },

    "admin.resetPassword": async (caller, { userId }) => {
      const { token, hash: tokenHash } = newOneTimeToken();
      const expiresAt = now() + RESET_TTL_MS;
      const offer = { actor: actorOf(caller), userId: Number(userId), tokenHash, expiresAt };
      await ending(data.admin.offerReset(offer));
      return { token, expiresAt };
    },

    "admin.removeTotp": async (caller, { userId }) => {
      const { inbox } = await data.admin.removeFactor({ actor: actorOf(caller), userId: Number(userId) });
      announceInboxes(bus, [inbox]);
      return {};
    },

    "admin.groups": async (caller, { state, query = "", conversationId = "0", cursor, limit }) => {
      const { groups, more } = await data.admin.listGroups({
        actor: actorOf(caller),
        state: GROUP_STATES[state],
        query: foldName(query),
        conversationId: Number(conversationId),
        beforeId: parseCursor(cursor, 1)[0],
        limit,
      });
      const ownerIds = [...new Set(groups.flatMap(({ ownerId }) => ownerId || []))];
      const { users } = await data.users.get({ ids: ownerIds });
      const byId = new Map(users.map((user) => [user.id, user]));
      const last = groups.at(-1);
      return {
        groups: groups.map((group) => presentGroup(group, byId.get(group.ownerId))),
        nextCursor: more && last ? formatCursor(last.id) : null,
      };
    },

    "admin.members": async (caller, { conversationId, cursor, limit }) => {
      const { members, more } = await data.admin.members({
        actor: actorOf(caller),
        conversationId: Number(conversationId),
        afterId: parseCursor(cursor, 1)[0],
        limit,
      });
      const last = members.at(-1);
      return {
        members: await presentMembers(data, members),
        nextCursor: more && last ? formatCursor(last.userId) : null,
      };
    },

    "admin.dissolve": async (caller, input) => {
      const conversationId = Number(input.conversationId);
      announceChange(
        bus,
        conversationId,
        await data.admin.dissolve({ actor: actorOf(caller), conversationId }),
      );
      return {};
    },

    "admin.broadcast": async (caller, { text, userIds = [] }) => {
      const begun = await data.admin.startBroadcast({
        actor: actorOf(caller),
        id: nextId(),
        text,
        userIds: userIds.map(Number),
      });
      broadcasts.begin(begun.id);
      return presentBroadcast(begun);
    },

    "admin.broadcasts": async (caller, { cursor, limit }) => {
      const [beforeId] = parseCursor(cursor, 1);
      await data.admin.note({ actor: actorOf(caller), act: "admin.broadcasts", targetId: 0, detail: "{}" });
      const { broadcasts, more } = await data.admin.listBroadcasts({ staleBefore: 0, beforeId, limit });
      const last = broadcasts.at(-1);
      return {
        broadcasts: broadcasts.map(presentBroadcast),
        nextCursor: more && last ? formatCursor(last.id) : null,
      };
    },

    "admin.figures": async (caller) => {
      const lookedAt = looks.get(caller.userId) ?? -Infinity;
      if (now() - lookedAt >= LOOK_MS) {
        await data.admin.note({ actor: actorOf(caller), act: "admin.figures", targetId: 0, detail: "{}" });
        looks.set(caller.userId, now());
      }
      return presentFigures(await figures.all());
    },

    "admin.audit": async (caller, input) => {
      const { adminId, act = "", targetId, since = 0, until = 0, cursor, limit } = input;
      const { lines, more } = await data.admin.audit({
        actor: actorOf(caller),
        adminId: Number(adminId ?? 0),
        act,
        targetId: Number(targetId ?? 0),
        since,
        until,
        beforeId: parseCursor(cursor, 1)[0],
        limit,
      });
      const last = lines.at(-1);
      return { lines: lines.map(presentLine), nextCursor: more && last ? formatCursor(last.id) : null };
    },
  };
}

function presentAccount({ user, seenAt, disabledAt, sessions }: Account): Output<"admin.user"> {
  return {
    ...presentUser(user!),
    ...presentStanding(user!),
    lastSeenAt: seenAt || null,
    disabledAt: disabledAt || null,
    sessions,
  };
}

function presentGroup(group: AdminGroup, owner: User | undefined): Output<"admin.groups">["groups"][number] {
  const { id, ownerId: _ownerId, avatar, memberCount: members, ...same } = group;
  const shown = avatar ? { avatar } : {};
  return { ...same, ...shown, id: String(id), owner: owner ? presentUser(owner) : null, members };
}

function presentBroadcast({ id, adminId, doneAt, ...same }: Broadcast): Output<"admin.broadcast"> {
  return { ...same, id: String(id), adminId: String(adminId), doneAt: doneAt || null };
}

function presentLine(line: AuditLine): Output<"admin.audit">["lines"][number] {
  const { id, adminId, targetId, detail, ...same } = line;
  return {
    ...same,
    id: String(id),
    adminId: adminId > 0 ? String(adminId) : null,
    targetId: targetId > 0 ? String(targetId) : null,
    detail: JSON.parse(detail),
  };
}
