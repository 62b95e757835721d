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
import { type Bus, userChannel } from "../bus/bus.ts";
import { type Data, Role, type User } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import { ImError, type Output } from "../wire/mod.ts";
import type { HandlersOf, Origin } from "./handlers.ts";
import { presentUser } from "./present.ts";

/** A session nobody refreshes ends after this long. */
export const SESSION_TTL_MS = 30 * 24 * 3600 * 1000;
/** The admin link is good for this long. */
export const SETUP_TTL_MS = 24 * 3600 * 1000;

export interface AccountParts {
  data: Data;
  bus: Bus;
  passwords: Passwords;
  tokens: Tokens;
  now: () => number;
  nextId: () => number;
  /** Whether anyone may make an account. */
  registration: "open" | "closed";
}

interface NewAccount {
  username: string;
  password: string;
  displayName?: string;
  deviceName?: string;
}

export function createAccounts(parts: AccountParts): HandlersOf<"auth"> {
  const { data, bus, passwords, tokens, now } = parts;

  async function openAccount(origin: Origin, input: NewAccount, setupTokenHash?: string) {
    // Only the first admin, who holds the link, may take a name like "admin".
    const { username, key } = parseUsername(input.username, { allowReserved: setupTokenHash !== undefined });
    const displayName = input.displayName ?? username;
    const user = await data.users.create({
      username,
      usernameKey: key,
      displayName,
      displayKey: foldName(displayName),
      passwordHash: await passwords.hash(input.password),
      setupTokenHash,
    });
    return await openSession(user, input.deviceName ?? origin.agent);
  }

  async function openSession(user: User, deviceName: string): Promise<Output<"auth.login">> {
    const id = parts.nextId();
    const refresh = newRefreshToken(id);
    await data.sessions.create({
      id,
      userId: user.id,
      deviceName: deviceName.slice(0, 64),
      familyHash: refresh.familyHash,
      refreshHash: refresh.hash,
      expiresAt: now() + SESSION_TTL_MS,
    });
    return await answer(user, id, refresh.token);
  }

  async function answer(user: User, sessionId: number, refreshToken: string) {
    const role = user.role === Role.ROLE_ADMIN ? "admin" : "user";
    const accessToken = await tokens.issue({ userId: user.id, sessionId, role });
    return { user: presentUser(user), accessToken, refreshToken, expiresIn: tokens.accessTtlSeconds };
  }

  function endSockets(userId: number, sessionId: number): void {
    bus.publish(userChannel(userId), { body: { $case: "sessionEnded", sessionEnded: { sessionId } } });
  }

  return {
    "auth.register": (origin, input) => {
      if (parts.registration === "closed") throw new ImError("registration_closed");
      return openAccount(origin, input);
    },

    "auth.setup": async (origin, { token, ...input }) =>
      await openAccount(origin, input, hashOneTimeToken(token)),

    "auth.login": async (origin, { username, password, deviceName }) => {
      const found = await data.users.credentials({ usernameKey: foldName(username) });
      // With no such user the password is still checked, against nothing, so that both take the same time.
      const right = await passwords.verify(found.user ? found.passwordHash : null, password);
      if (!found.user || !right) throw new ImError("invalid_credentials");
      return await openSession(found.user, deviceName ?? origin.agent);
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
        endSockets(user!.id, presented.sessionId);
        throw new ImError("refresh_reused");
      }
      return await answer(user!, presented.sessionId, next.token);
    },

    "auth.logout": async ({ userId, sessionId }) => {
      await data.sessions.revoke({ id: sessionId, userId });
      endSockets(userId, sessionId);
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
