import { useEffect, useRef, useState } from "preact/hooks";
import type { Conversation, User } from "../../sdk/mod.ts";
import { isAdmin } from "../state/group_rights.ts";
import { me, meet } from "../state/people.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";

/** Somebody who may be mentioned; everyone together has no id. */
export interface Mentionable {
  readonly id: string;
  readonly name: string;
  readonly user?: User;
}

const PAUSE_MS = 120;
const MOST = 6;
/** What stands before the caret: an @ at the beginning of a word, and what one has typed of a name. */
const BEGUN = /(?:^|[\s(（,，])@([^\s@]{0,32})$/;

/** Whom one may mean with what stands before the caret. Answers nothing outside groups. */
export function useMentions(conversation: Conversation | undefined, beforeCaret: string | null) {
  const [found, setFound] = useState<readonly Mentionable[]>([]);
  const [chosen, setChosen] = useState(0);
  const [closed, setClosed] = useState<string | null>(null);
  const query = conversation?.type === "group" ? BEGUN.exec(beforeCaret ?? "")?.[1] : undefined;
  const latest = useRef(query);
  latest.current = query;
  useEffect(() => {
    if (query === undefined || !conversation) return setFound([]);
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const input = { conversationId: conversation.id, limit: MOST + 1, ...(query !== "" && { query }) };
        const { members } = await client.call("conversation.members", input, { signal: stop.signal });
        if (latest.current !== query) return;
        meet(members.map(({ user }) => user));
        const others = members.filter(({ user }) => user.id !== me.peek()?.id).slice(0, MOST)
          .map(({ user }) => ({ id: user.id, name: user.displayName, user }));
        const { everyone } = text.peek().message;
        const all = isAdmin(conversation.role) && everyone.startsWith(query)
          ? [{ id: "", name: everyone }]
          : [];
        setFound([...others, ...all]);
        setChosen(0);
      } catch {
        // It is a help: what is typed stays words.
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [query, conversation?.id]);
  const isOpen = query !== undefined && closed !== query && found.length > 0;
  return {
    query,
    found: isOpen ? found : [],
    chosen,
    move: (by: number) => setChosen((before) => (before + by + found.length) % found.length),
    close: () => setClosed(query ?? null),
  };
}
