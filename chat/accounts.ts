import { refuseCommonPassword } from "../auth/common_passwords.ts";
import type { LoginThrottle } from "../auth/login_throttle.ts";
import type { Passwords } from "../auth/passwords.ts";
import { hashOneTimeToken, newOneTimeToken, nextRefreshToken, parseRefreshToken } from "../auth/refresh.ts";
import { parseUsername } from "../auth/usernames.ts";
import type { Data, User } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import { ImError, type Parsed } from "../wire/mod.ts";
import type { HandlersOf, Origin } from "./handlers.ts";
import { openSession, presentLogin, SESSION_TTL_MS, type SessionParts } from "./open_session.ts";
import { useFactor } from "./second_factor.ts";
import { announceSessionEnd } from "./sessions.ts";

/** The admin link is good for this long. */
export const SETUP_TTL_MS = 24 * 3600 * 1000;

export interface AccountParts extends SessionParts {
  passwords: Passwords;
  throttle: LoginThrottle;
  /** Whether anyone may make an account. */
  registration: "open" | "closed";
  /** The label of the button for a login at another server; absent: there is none. */
  oidcName?: string;
}

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
    return await openSession(parts, user, origin, input);
  }

  const answer = (user: User, id: number, token: string) => presentLogin(tokens, user, id, token);

  return {
    "auth.methods": () => {
      const { registration, oidcName: name } = parts;
      return Promise.resolve({ registration, oidc: name ? { name } : null });
    },

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
        return await openSession(parts, user, origin, device);
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
        throw about(found.user, new ImError("invalid_credentials"));
      }
      // Only who knows the password learns that there is more to show, and only then is a code looked at.
      if (found.secondFactor) {
        if (!code) throw about(found.user, new ImError("second_factor_required"));
        await useFactor(data, found.user.id, code, now()).catch((error) => {
          throw about(found.user, error);
        });
      }
      return await openSession(parts, found.user, origin, device);
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
        throw about(user, new ImError("refresh_reused"));
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

/** Notes for the log whom an error is about. The client must not learn whether there is such an account. */
function about<E>(user: User | undefined, error: E): E {
  if (user && error instanceof ImError) error.accountId = user.id;
  return error;
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
