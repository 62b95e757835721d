import { useEffect, useState } from "preact/hooks";
import type { Group } from "../state/group_rights.ts";
import { client } from "../state/server.ts";

export interface OpenGroup {
  /** Null until it is read. */
  readonly group: Group | null;
  readonly error: unknown;
  /** Rises with everything that happens to the group or its members. */
  readonly version: number;
  reload(): void;
}

const PAUSE_MS = 100;

/** What a group says of itself, kept up to date while it is looked at. */
export function useGroup(conversationId: string): OpenGroup {
  const [group, setGroup] = useState<Group | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [version, setVersion] = useState(0);
  const reload = () => setVersion((before) => before + 1);
  useEffect(() => {
    const overtaken = new AbortController();
    const { signal } = overtaken;
    const read = () =>
      client.call("group.get", { conversationId }, { signal }).then((answer) => {
        if (signal.aborted) return;
        setGroup(answer);
        setError(null);
      }, (problem) => signal.aborted || setError(problem));
    // Much may happen at once, as when hundreds come in.
    const timer = setTimeout(read, version === 0 ? 0 : PAUSE_MS);
    return () => {
      clearTimeout(timer);
      overtaken.abort();
    };
  }, [conversationId, version]);
  useEffect(() => {
    const offs = [
      client.on("sync", reload),
      client.on("log.append", ({ conversationId: id, entries }) => {
        const isAbout = entries.some(({ kind }) => kind.startsWith("group.") || kind.startsWith("member."));
        if (id === conversationId && isAbout) reload();
      }),
    ];
    return () => offs.forEach((off) => off());
  }, [conversationId]);
  return { group, error, version, reload };
}
