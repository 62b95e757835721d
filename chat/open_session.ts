import { newRefreshToken } from "../auth/refresh.ts";
import type { Tokens } from "../auth/tokens.ts";
import type { Bus } from "../bus/bus.ts";
import { type Data, Role, type User } from "../data/service.ts";
import type { Output, Parsed } from "../wire/mod.ts";
import type { Origin } from "./handlers.ts";
import { presentUser } from "./present.ts";
import { announceSessionEnd } from "./sessions.ts";

/** A session nobody refreshes ends after this long. */
export const SESSION_TTL_MS = 30 * 24 * 3600 * 1000;

export interface SessionParts {
  data: Data;
  bus: Bus;
  tokens: Tokens;
  now: () => number;
  nextId: () => number;
  /** Devices of one kind that a user may be logged in on at once; the one used longest ago makes room. */
  maxSessionsPerKind: number;
}

export type Device = Pick<Parsed<"auth.login">, "deviceName" | "deviceKind" | "cookie">;

/** A new session of somebody who has shown who they are. Errors: account_disabled. */
export async function openSession(
  parts: SessionParts,
  user: User,
  origin: Origin,
  device: Device,
): Promise<Output<"auth.login">> {
  const id = parts.nextId();
  const refresh = newRefreshToken(id);
  const { endedIds } = await parts.data.sessions.create({
    id,
    userId: user.id,
    deviceName: (device.deviceName ?? origin.agent).slice(0, 64),
    deviceKind: device.deviceKind ?? (device.cookie ? "web" : "other"),
    familyHash: refresh.familyHash,
    refreshHash: refresh.hash,
    expiresAt: parts.now() + SESSION_TTL_MS,
    maxOfKind: parts.maxSessionsPerKind,
  });
  for (const ended of endedIds) announceSessionEnd(parts.bus, user.id, ended, true);
  return await presentLogin(parts.tokens, user, id, refresh.token);
}

/** What a login and a refresh answer. */
export async function presentLogin(tokens: Tokens, user: User, sessionId: number, refreshToken: string) {
  const role = user.role === Role.ROLE_ADMIN ? "admin" : "user";
  const accessToken = await tokens.issue({ userId: user.id, sessionId, role });
  return { user: presentUser(user), accessToken, refreshToken, expiresIn: tokens.accessTtlSeconds };
}
