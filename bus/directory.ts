/**
 * Who is connected where: which users, on which of their sessions, at any gateway. What a gateway says of itself is a
 * lease that it renews as a whole, and that ends with it. It holds nothing that cannot be lost: lost, it is said again.
 * Every implementation passes tests/contract/directory_cases.ts.
 */
export interface Directory {
  /**
   * This gateway has the user connected on these sessions (none: they have just gone and may come back), or, with null,
   * no more. The promise, where there is one, resolves when other gateways can see it, or soon after it has turned out
   * that they cannot for now. Never rejects.
   */
  set(userId: number, sessionIds: readonly number[] | null): Promise<void> | void;
  /** Never rejects. */
  find(userIds: readonly number[]): Promise<Found>;
  /** Calls when gateways have come or gone, or others may be seen again. The answer ends it. */
  onChange(listener: (change: Change) => void): () => void;
  /** What this gateway said is taken back. */
  close(): Promise<void>;
}

export interface Found {
  /** Those who are connected: on these sessions. Nothing is said of the others. */
  sessions: Map<number, Set<number>>;
  /** All gateways were looked at, so the others are not connected. Else they may be. */
  sure: boolean;
}

export interface Change {
  /** When a gateway that is gone was last there, ms since 1970. */
  lastAt?: number;
  /** Whom a gateway that died had connected. One of the gateways that are left is told, the others hear of nobody. */
  orphans: number[];
}

/** Adds where a user is to what was found. */
export function addSessions(
  found: Found["sessions"],
  userId: number,
  sessionIds: readonly number[] | undefined,
): void {
  if (!sessionIds) return;
  const known = found.get(userId);
  if (!known) found.set(userId, new Set(sessionIds));
  else for (const id of sessionIds) known.add(id);
}
