import { ImError } from "../wire/errors.ts";
import type { Presence } from "../wire/schemas.ts";
import { backoffMs } from "./backoff.ts";
import type { Client } from "./client.ts";

export interface WatchPresenceOptions {
  /** Friends and partners of a direct conversation; of others nothing is told. Up to 500. */
  userIds: readonly string[];
  /** For each of them once after every connect, and at each change. */
  onChange(presence: Presence): void;
  /** Ends it. */
  signal?: AbortSignal;
}

/** Tells who is online, through losses of connection, until the signal ends it. */
export function watchPresence(
  client: Pick<Client, "call" | "on" | "state">,
  options: WatchPresenceOptions,
): void {
  const { userIds, onChange, signal } = options;
  if (signal?.aborted || userIds.length === 0) return;
  const wanted = new Set(userIds);
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const subscribe = async () => {
    clearTimeout(timer);
    try {
      const { presences } = await client.call("presence.subscribe", { userIds: [...userIds] }, { signal });
      failures = 0;
      presences.forEach(onChange);
    } catch (error) {
      // Without a connection the next one subscribes.
      if (signal?.aborted || client.state.state !== "online" || !(error instanceof ImError)) return;
      timer = setTimeout(subscribe, Math.max(error.details.retryAfterMs ?? 0, backoffMs(failures++)));
    }
  };
  const offs = [
    client.on("sync", () => void subscribe()),
    client.on("presence.changed", (presence) => wanted.has(presence.userId) && onChange(presence)),
  ];
  signal?.addEventListener("abort", () => {
    clearTimeout(timer);
    offs.forEach((off) => off());
    if (client.state.state !== "online") return;
    client.call("presence.unsubscribe", { userIds: [...userIds] }).catch(() => {});
  });
  if (client.state.state === "online") void subscribe();
}
