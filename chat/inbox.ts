import type { Data } from "../data/service.ts";
import type { Handlers } from "./handlers.ts";
import { presentInboxEntry } from "./present.ts";

/** A user's own log. */
export function createInbox({ data }: { data: Data }): Handlers<"inbox.read"> {
  return {
    "inbox.read": async (caller, { after, limit }) => {
      const { userId } = caller;
      const { entries, lastSeq } = await data.inboxes.read({ userId, after, limit });
      return { entries: entries.map((entry) => presentInboxEntry(entry, caller)), lastSeq };
    },
  };
}
