import { useEffect } from "preact/hooks";
import { watchPeople } from "../state/presence.ts";

/** Watches these people as long as the component is there; `presenceOf` says what is known. */
export function usePresence(userIds: readonly string[]): void {
  useEffect(() => watchPeople(userIds), [userIds.join()]);
}
