import { refuseCommonPassword } from "../auth/common_passwords.ts";
import type { LoginThrottle } from "../auth/login_throttle.ts";
import type { Passwords } from "../auth/passwords.ts";
import {
  hashOneTimeToken,
  newOneTimeToken,
  newRefreshToken,
  nextRefreshToken,
  parseRefreshToken,
} from "../auth/refresh.ts";
import type { Tokens } from "../auth/tokens.ts";
import { parseUsername } from "../auth/usernames.ts";
import type { Bus } from "../bus/bus.ts";
import { type Data, Role, type User } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import { ImError, type Output, type Parsed } from "../wire/mod.ts";
import type { HandlersOf, Origin } from "./handlers.ts";
import { presentUser } from "./present.ts";
import { useFactor } from "./second_factor.ts";
import { announceSessionEnd } from "./sessions.ts";

/** A session nobody refreshes ends after this long. */
export const SESSION_TTL_MS = 30 * 24 * 3600 * 1000;
/** The admin link is good for this long. */
export const SETUP_TTL_MS = 24 * 3600 * 1000;

export interface AccountParts {
  data: Data;
  bus: Bus;
  passwords: Passwords;
  tokens: Tokens;
  throttle: LoginThrottle;
  now: () => number;
  nextId: () => number;
  /** Whether anyone may make an account. */
  registration: "open" | "closed";
  /** Devices of one kind that a user may be logged in on at once; the one used longest ago makes room. */
  maxSessionsPerKind: number;
}

type Device = Pick<Parsed<"auth.login">, "deviceName" | "deviceKind" | "cookie">;
type NewAccount = Parsed<"auth.register">;

export function createAccounts(parts: AccountParts): HandlersOf<"auth"> {
  const { data, bus, passwords, tokens, throttle, now } = parts;

  async function openAccount(origin: Origin, input: NewAccount, setupTokenHash?: string) {
    // Only the first admin, who holds the link, may take a name like "admin".
    const { username, key } = parseUsername(input.username, { allowReserved: setupTokenHash !== undefined });
    refuseCommonPassword(input.password);
    const displayName = input.displayName ?? username;
    const user = await data.users.create({
      username,
      usernameKey: key,
      displayName,
      displayKey: foldName(displayName),
      passwordHash: await passwords.hash(input.password),
      setupTokenHash,
    });
    return await openSession(user, origin, input);
  }

  async function openSession(user: User, origin: Origin, device: Device): Promise<Output<"auth.login">> {
    const id = parts.nextId();
    const refresh = newRefreshToken(id);
    const { endedIds } = await data.sessions.create({
      id,
      userId: user.id,
      deviceName: (device.deviceName ?? origin.agent).slice(0, 64),
      deviceKind: device.deviceKind ?? (device.cookie ? "web" : "other"),
      familyHash: refresh.familyHash,
      refreshHash: refresh.hash,
      expiresAt: now() + SESSION_TTL_MS,
      maxOfKind: parts.maxSessionsPerKind,
    });
    for (const ended of endedIds) announceSessionEnd(bus, user.id, ended, true);
    return await answer(user, id, refresh.token);
  }

  async function answer(user: User, sessionId: number, refreshToken: string) {
    const role = user.role === Role.ROLE_ADMIN ? "admin" : "user";
    const accessToken = await tokens.issue({ userId: user.id, sessionId, role });
    return { user: presentUser(user), accessToken, refreshToken, expiresIn: tokens.accessTtlSeconds };
  }

  return {
    "auth.register": (origin, input) => {
      if (parts.registration === "closed") throw new ImError("registration_closed");
      return openAccount(origin, input);
    },

    "auth.setup": async (origin, { token, ...input }) =>
      await openAccount(origin, input, hashOneTimeToken(token)),

    "auth.resetPassword": async (origin, { token, password, ...device }) => {
      // The address is counted, so that tokens cannot be tried without end, nor hashes be had for nothing.
      await throttle.check(origin.address, "");
      refuseCommonPassword(password);
      try {
        const tokenHash = hashOneTimeToken(token);
        const user = await data.admin.useReset({ tokenHash, passwordHash: await passwords.hash(password) });
        // The token stands for the password only. It is set: they log in with it and a code.
        const { factorAt } = await data.profiles.get({ userId: user.id });
        if (factorAt > 0) throw new ImError("second_factor_required");
        return await openSession(user, origin, device);
      } catch (error) {
        if (error instanceof ImError && error.code === "reset_token_invalid") {
          await throttle.failed(origin.address, "");
        }
        throw error;
      }
    },

    "auth.login": async (origin, { username, password, code, ...device }) => {
      const usernameKey = foldName(username);
      await throttle.check(origin.address, usernameKey);
      const found = await data.users.credentials({ usernameKey });
      // With no such user, or one without a password, it is still checked, against nothing: all take the same time.
      const right = await passwords.verify(found.passwordHash || null, password);
      if (!found.user || !right) {
        await throttle.failed(origin.address, usernameKey);
        throw new ImError("invalid_credentials");
      }
      // Only who knows the password learns that there is more to show, and only then is a code looked at.
      if (found.secondFactor) {
        if (!code) throw new ImError("second_factor_required");
        await useFactor(data, found.user.id, code, now());
      }
      return await openSession(found.user, origin, device);
    },

    "auth.refresh": async (_origin, { refreshToken }) => {
      const presented = parseRefreshToken(refreshToken ?? "");
      if (!presented) throw new ImError("token_invalid");
      const next = nextRefreshToken(presented);
      const { user, reused } = await data.sessions.rotate({
        id: presented.sessionId,
        familyHash: presented.familyHash,
        presentedHash: presented.hash,
        nextHash: next.hash,
        expiresAt: now() + SESSION_TTL_MS,
      });
      if (reused) {
        announceSessionEnd(bus, user!.id, presented.sessionId);
        throw new ImError("refresh_reused");
      }
      return await answer(user!, presented.sessionId, next.token);
    },

    "auth.logout": async ({ userId, sessionId }) => {
      await data.sessions.revoke({ id: sessionId, userId });
      announceSessionEnd(bus, userId, sessionId);
      return {};
    },
  };
}

/** A fresh admin link's token, or null where `onlyIfNew` and somebody has been here before. */
export async function offerSetup(
  data: Data,
  { now, onlyIfNew }: { now: number; onlyIfNew: boolean },
): Promise<string | null> {
  const { token, hash } = newOneTimeToken();
  const { stored } = await data.users.offerSetup({
    tokenHash: hash,
    expiresAt: now + SETUP_TTL_MS,
    onlyIfNew,
  });
  return stored ? token : null;
}
