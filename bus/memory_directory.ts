import { addSessions, type Change, type Directory, type Found } from "./directory.ts";

/** What the gateways of one process, or of one test, say of themselves. */
export type DirectoryWorld = Map<object, Map<number, readonly number[]>>;

/**
 * The directory of a gateway that is alone, or shares a world with others in its process. `alone: false` is for one that
 * is not, and has no way to see the others: it is never sure.
 */
export function createMemoryDirectory(
  { world = new Map(), alone = true }: { world?: DirectoryWorld; alone?: boolean } = {},
): Directory {
  const self = {};
  const own = new Map<number, readonly number[]>();
  world.set(self, own);
  const listeners = new Set<(change: Change) => void>();
  return {
    set(userId, sessionIds) {
      if (sessionIds === null) own.delete(userId);
      else own.set(userId, [...sessionIds]);
    },
    find(userIds) {
      const sessions: Found["sessions"] = new Map();
      for (const place of world.values()) {
        for (const userId of userIds) addSessions(sessions, userId, place.get(userId));
      }
      return Promise.resolve({ sessions, sure: alone });
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      world.delete(self);
      return Promise.resolve();
    },
  };
}
