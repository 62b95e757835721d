import { ImError } from "../wire/errors.ts";
import type { Caller, HandlersOf } from "./handlers.ts";
import type { Listener } from "./listener.ts";
import { type Presence, presentPresence } from "./presence.ts";

/** Who is online. */
export function createPresenceHandlers({ presence }: { presence: Presence }): HandlersOf<"presence"> {
  return {
    "presence.get": async ({ userId }, { userIds }) => {
      return { presences: (await presence.get(userId, userIds.map(Number))).map(presentPresence) };
    },
    "presence.subscribe": async (caller, { userIds }) => {
      const states = await presence.subscribe(connectionOf(caller), userIds.map(Number));
      return { presences: states.map(presentPresence) };
    },
    "presence.unsubscribe": (caller, { userIds }) => {
      presence.unsubscribe(connectionOf(caller), userIds.map(Number));
      return Promise.resolve({});
    },
  };
}

function connectionOf({ connection }: Caller): Listener {
  if (connection) return connection;
  throw new ImError("invalid_request", "Only on a WebSocket; over REST presence.get tells who is online now");
}
