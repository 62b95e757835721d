import { people, type Rows } from "../row.ts";

const ofTarget = ({ target }: { target: { id: string } }) => ({ userIds: [target.id] });
/** A subscription is a connection's; over REST there is none. */
const overRest = people("invalid_request");

export const presence: Rows<"presence.get" | "presence.subscribe" | "presence.unsubscribe"> = {
  "presence.get": { input: ofTarget, expect: people("ok") },
  "presence.subscribe": { input: ofTarget, expect: people("ok"), overRest },
  "presence.unsubscribe": { input: ofTarget, expect: people("ok"), overRest },
};
