import { type Bus, userChannel } from "../bus/bus.ts";
import type { Directory } from "../bus/directory.ts";
import type { Data, Session } from "../data/service.ts";
import type { Output } from "../wire/mod.ts";
import type { HandlersOf } from "./handlers.ts";

/** The devices a user is logged in on. */
export function createSessionHandlers(
  { data, bus, directory }: { data: Data; bus: Bus; directory: Directory },
): HandlersOf<"session"> {
  /** The sessions of a user that are connected now, as far as the directory knows. */
  async function connected(userId: number): Promise<ReadonlySet<number>> {
    return (await directory.find([userId])).sessions.get(userId) ?? new Set();
  }

  async function revoke(userId: number, id: number): Promise<void> {
    await data.sessions.revoke({ id, userId });
    announceSessionEnd(bus, userId, id);
  }

  return {
    "session.list": async ({ userId, sessionId }) => {
      const [{ sessions }, online] = await Promise.all([data.sessions.list({ userId }), connected(userId)]);
      return { sessions: sessions.map((session) => present(session, sessionId, online)) };
    },
    "session.rename": async (caller, { sessionId, deviceName }) => {
      const { userId } = caller;
      const renamed = await data.sessions.rename({ id: Number(sessionId), userId, deviceName });
      return present(renamed, caller.sessionId, await connected(userId));
    },
    "session.revoke": async ({ userId }, { sessionId }) => {
      await revoke(userId, Number(sessionId));
      return {};
    },
    "session.revokeOthers": async ({ userId, sessionId }) => {
      const { sessions } = await data.sessions.list({ userId });
      const others = sessions.filter(({ id }) => id !== sessionId);
      await Promise.all(others.map(({ id }) => revoke(userId, id)));
      return { revoked: others.length };
    },
  };
}

/** Tells every gateway to close the sockets of a session. */
export function announceSessionEnd(bus: Bus, userId: number, sessionId: number, replaced = false): void {
  bus.publish(userChannel(userId), {
    body: { $case: "sessionEnded", sessionEnded: { sessionId, replaced } },
  });
}

type Shown = Output<"session.rename">;

function present(session: Session, currentId: number, online: ReadonlySet<number>): Shown {
  const { id, deviceName, deviceKind, createdAt, usedAt: lastUsedAt } = session;
  return {
    id: String(id),
    deviceName,
    deviceKind: deviceKind as Shown["deviceKind"],
    createdAt,
    lastUsedAt,
    current: id === currentId,
    online: online.has(id),
  };
}
