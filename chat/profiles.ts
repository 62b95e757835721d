import { refuseCommonPassword } from "../auth/common_passwords.ts";
import type { LoginThrottle } from "../auth/login_throttle.ts";
import type { Passwords } from "../auth/passwords.ts";
import { parseUsername } from "../auth/usernames.ts";
import type { Bus } from "../bus/bus.ts";
import { Audience, type Data, type EndedSession, type ProfileResponse } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import type { Privacy, Self } from "../wire/mod.ts";
import { announceInboxes } from "./announce.ts";
import type { Deletions } from "./deletions.ts";
import type { Handlers } from "./handlers.ts";
import { presentName, presentProfile, presentSelf } from "./present.ts";
import { provePassword } from "./prove_password.ts";
import { announceSessionEnd } from "./sessions.ts";

const DAY_MS = 24 * 3600 * 1000;
/** A username that was given up is kept from others for so long. */
export const NAME_KEPT_MS = 30 * DAY_MS;

export interface ProfileParts {
  data: Data;
  bus: Bus;
  passwords: Passwords;
  throttle: LoginThrottle;
  deletions: Pick<Deletions, "begin">;
  now: () => number;
  /** Days between two changes of a username; 0: any time. */
  usernameDays: number;
}

type Operations =
  | "user.me"
  | "user.get"
  | "user.update"
  | "user.setPrivacy"
  | "user.setPassword"
  | "user.setUsername"
  | "user.delete";

/** What people say of themselves, and the end of an account. */
export function createProfiles(parts: ProfileParts): Handlers<Operations> {
  const { data, bus, passwords, deletions, now } = parts;

  async function told(change: Promise<ProfileResponse>): Promise<Self> {
    const { profile, inbox } = await change;
    announceInboxes(bus, [inbox]);
    return presentSelf(profile!);
  }

  function endSessions(ended: readonly EndedSession[]): void {
    for (const { userId, sessionId } of ended) announceSessionEnd(bus, userId, sessionId);
  }

  return {
    "user.me": async ({ userId }) => presentSelf(await data.profiles.get({ userId })),

    "user.get": async (caller, input) => {
      const userId = Number(input.userId);
      const profile = await data.profiles.get({ userId });
      const { ids } = await data.profiles.open({ userId: caller.userId, otherIds: [userId] });
      // Who has blocked the caller still has a name, because messages in common groups have.
      return ids.length > 0 ? presentProfile(profile) : presentName(profile);
    },

    "user.update": ({ userId }, { displayName, statusText: status, custom, ...same }) =>
      told(data.profiles.update({
        userId,
        ...same,
        ...(displayName === undefined ? {} : { displayName, displayKey: foldName(displayName) }),
        ...(custom === undefined
          ? {}
          : { custom: Object.keys(custom).length > 0 ? JSON.stringify(custom) : "" }),
        status,
      })),

    "user.setPrivacy": ({ userId }, wanted) =>
      told(data.profiles.update({
        userId,
        findBy: audienceOf(wanted.findBy),
        writeBy: audienceOf(wanted.writeBy),
        seenBy: audienceOf(wanted.seenBy),
      })),

    "user.setPassword": async (caller, { oldPassword, newPassword }) => {
      const { userId, sessionId } = caller;
      refuseCommonPassword(newPassword, "newPassword");
      const oldHash = await provePassword(parts, caller, oldPassword, "oldPassword");
      const newHash = await passwords.hash(newPassword);
      const { ended } = await data.profiles.setPassword({ userId, sessionId, oldHash, newHash });
      endSessions(ended);
      return { ended: ended.length };
    },

    "user.setUsername": async ({ userId, role }, input) => {
      const { username, key } = parseUsername(input.username, { allowReserved: role === "admin" });
      return await told(data.profiles.rename({
        userId,
        username,
        usernameKey: key,
        notSince: now() - parts.usernameDays * DAY_MS,
        keepUntil: now() + NAME_KEPT_MS,
      }));
    },

    "user.delete": async (caller, { password }) => {
      const { userId } = caller;
      const oldHash = await provePassword(parts, caller, password, "password");
      const { ended } = await data.profiles.delete({ userId, oldHash, keepUntil: now() + NAME_KEPT_MS });
      deletions.begin([userId]);
      endSessions(ended);
      return {};
    },
  };
}

const AUDIENCES = {
  everyone: Audience.AUDIENCE_EVERYONE,
  friends: Audience.AUDIENCE_FRIENDS,
  nobody: Audience.AUDIENCE_NOBODY,
} as const;

function audienceOf(who: Privacy["findBy"] | undefined): Audience | undefined {
  return who && AUDIENCES[who];
}
