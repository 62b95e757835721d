import { randomBytes } from "node:crypto";
import { ImError } from "../wire/errors.ts";
import { announceChange } from "./announce.ts";
import { present } from "./conversations.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import type { GroupParts } from "./groups.ts";
import type { Caller, Handlers } from "./handlers.ts";
import { findPeople } from "./people.ts";
import { presentLink, presentUser } from "./present.ts";

type Doors = Handlers<
  | "group.createLink"
  | "group.links"
  | "group.revokeLink"
  | "group.preview"
  | "group.join"
  | "group.requests"
  | "group.approve"
  | "group.reject"
>;

/** Nobody guesses 128 bits. */
const CODE_BYTES = 16;

/** How people come into a group whom nobody has added: by a code, and perhaps an admin's leave. */
export function createGroupDoors(
  { data, bus, maxGroupMembers: maxMembers, now }: GroupParts & { now: () => number },
): Doors {
  const { groups } = data;
  const place = ({ userId }: Caller, { conversationId }: { conversationId: string }) => ({
    conversationId: Number(conversationId),
    userId,
  });

  async function answer(caller: Caller, input: { conversationId: string; userId: string }, approve: boolean) {
    const at = { ...place(caller, input), memberId: Number(input.userId) };
    announceChange(bus, at.conversationId, await groups.answer({ ...at, approve, maxMembers }));
    return {};
  }

  return {
    "group.createLink": async (caller, { expiresAt = 0, maxUses = 0, ...input }) => {
      if (expiresAt > 0 && expiresAt <= now()) {
        throw new ImError("invalid_params", "expiresAt is over already", { field: "expiresAt" });
      }
      const code = randomBytes(CODE_BYTES).toString("base64url");
      return presentLink(await groups.createLink({ ...place(caller, input), code, expiresAt, maxUses }));
    },

    "group.links": async (caller, input) => {
      const { links } = await groups.links(place(caller, input));
      return { links: links.map(presentLink) };
    },

    "group.revokeLink": async (caller, input) => {
      await groups.revokeLink({ ...place(caller, input), code: input.code });
      return {};
    },

    "group.preview": async ({ userId }, { code }) => {
      const { avatar, ...same } = await groups.preview({ code, userId });
      return { ...same, avatar: avatar || null };
    },

    "group.join": async (caller, { code, note = "" }) => {
      const { userId } = caller;
      const { conversationId, joined, change } = await groups.join({ code, userId, note, maxMembers });
      announceChange(bus, conversationId, change!);
      if (!joined) return { state: "requested", conversation: null };
      const conversation = await data.conversations.get({ conversationId, userId });
      return { state: "joined", conversation: (await present(data, [conversation], caller))[0] };
    },

    "group.requests": async (caller, input) => {
      const [afterId] = parseCursor(input.cursor, 1);
      const { requests, more } = await groups.requests({
        ...place(caller, input),
        afterId,
        limit: input.limit,
      });
      const people = await findPeople(data, requests.map((request) => request.userId));
      const rows = requests.flatMap(({ userId, note, at }) => {
        const user = people.get(userId);
        return user ? [{ user: presentUser(user), note, at }] : [];
      });
      const last = requests.at(-1);
      return { requests: rows, nextCursor: more && last ? formatCursor(last.userId) : null };
    },

    "group.approve": (caller, input) => answer(caller, input, true),
    "group.reject": (caller, input) => answer(caller, input, false),
  };
}
