import { type Bus, userChannel } from "../bus/bus.ts";
import { type Conversation, ConversationType, type Data, type Member } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import type { Conversation as WireConversation, Member as WireMember } from "../wire/mod.ts";
import { announceInboxes } from "./announce.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import type { DirectPolicy } from "./direct_policy.ts";
import type { Caller, HandlersOf } from "./handlers.ts";
import { findPeople } from "./people.ts";
import { parseRole, presentConversation, presentRole, presentSettings, presentUser } from "./present.ts";

export function createConversations(
  { data, bus, friendsOnly }: { data: Data; bus: Bus } & DirectPolicy,
): Omit<HandlersOf<"conversation">, "conversation.markRead"> {
  return {
    "conversation.openDirect": async (caller, { userId }) => {
      const opened = await data.conversations.openDirect({
        userId: caller.userId,
        otherId: Number(userId),
        friendsOnly,
      });
      const conversation = opened.conversation!;
      announceInboxes(bus, opened.inboxes);
      return (await present(data, [conversation], caller))[0];
    },

    "conversation.list": async (caller, { cursor, limit }) => {
      const [beforeAt, beforeId] = parseCursor(cursor, 2);
      const { conversations, more } = await data.conversations.list({
        userId: caller.userId,
        beforeAt,
        beforeId,
        limit,
      });
      const last = conversations.at(-1);
      const nextCursor = more && last ? formatCursor(last.updatedAt, last.id) : null;
      return { conversations: await present(data, conversations, caller), nextCursor };
    },

    "conversation.get": async (caller, input) => {
      const conversationId = Number(input.conversationId);
      const conversation = await data.conversations.get({ conversationId, userId: caller.userId });
      return (await present(data, [conversation], caller))[0];
    },

    "conversation.configure": async ({ userId, scopes }, { conversationId: id, ...wanted }) => {
      const conversationId = Number(id);
      const { settings, inbox } = await data.conversations.configure({ conversationId, userId, ...wanted });
      announceInboxes(bus, [inbox]);
      const { draft } = wanted;
      if (draft !== undefined) {
        bus.publish(userChannel(userId), { body: { $case: "draft", draft: { conversationId, draft } } });
      }
      // What the caller has said just now is no secret to them.
      return { ...presentSettings(settings!, scopes), ...(draft === undefined ? {} : { draft }) };
    },

    "conversation.members": async (caller, input) => {
      const [afterId] = parseCursor(input.cursor, 1);
      const { members, more } = await data.conversations.members({
        conversationId: Number(input.conversationId),
        userId: caller.userId,
        afterId,
        limit: input.limit,
        role: input.role && parseRole(input.role),
        prefix: input.query === undefined ? undefined : foldName(input.query),
      });
      const last = members.at(-1);
      return {
        members: await presentMembers(data, members),
        nextCursor: more && last ? formatCursor(last.userId) : null,
      };
    },
  };
}

/** Members with who they are. */
export async function presentMembers(data: Data, members: readonly Member[]): Promise<WireMember[]> {
  const people = await findPeople(data, members.map((member) => member.userId));
  return members.flatMap(({ userId, role, joinedAt, nickname, mutedUntil }) => {
    const user = people.get(userId);
    if (!user) return [];
    const own = { nickname: nickname || null, mutedUntil: mutedUntil || null };
    return [{ user: presentUser(user), role: presentRole(role), joinedAt, ...own }];
  });
}

/** Conversations with the people they are with, as the caller may see them. */
export async function present(
  data: Data,
  conversations: Conversation[],
  { scopes }: Pick<Caller, "scopes">,
): Promise<WireConversation[]> {
  const direct = conversations.filter((c) => c.type === ConversationType.CONVERSATION_DIRECT);
  const people = await findPeople(data, direct.map((c) => c.peerId));
  return conversations.map((c) => presentConversation(c, people.get(c.peerId), scopes));
}
