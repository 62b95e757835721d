import { members, people, type Rows } from "../row.ts";
import { register } from "../../support/people.ts";
import type { Actor, Scene } from "../scene.ts";

const inRoom = ({ room }: Scene) => ({ conversationId: room.id });
const inFreshRoom = async (scene: Scene, actor: Actor) => ({
  conversationId: (await scene.freshRoom(actor)).id,
});

export const conversations: Rows<
  | "conversation.openDirect"
  | "conversation.list"
  | "sync.heads"
  | "conversation.get"
  | "conversation.members"
  | "conversation.configure"
  | "conversation.markRead"
  | "group.create"
  | "group.addMembers"
  | "group.leave"
> = {
  "conversation.openDirect": [
    { input: ({ extra }) => ({ userId: extra.id }), expect: people("ok") },
    {
      about: "a new one with who has blocked the caller",
      input: async ({ url, call }, { id, kind }) => {
        const blocker = await register(url);
        if (kind === "blocked") await call(blocker, "block.add", { userId: id });
        return { userId: blocker.id };
      },
      expect: people("ok", { blocked: "blocked" }),
    },
    {
      about: "one that was there before the block",
      input: ({ target }) => ({ userId: target.id }),
      expect: people("ok"),
    },
  ],
  "conversation.list": { input: () => ({}), expect: people("ok") },
  "sync.heads": { input: () => ({}), expect: people("ok") },
  "conversation.get": [
    { input: inRoom, expect: members("ok") },
    {
      about: "a direct conversation of two others",
      input: ({ directs }) => ({ conversationId: directs.friend.id }),
      expect: people("conversation_not_found", { friend: "ok" }),
    },
    {
      about: "a direct conversation in which one is blocked",
      input: ({ directs }) => ({ conversationId: directs.blocked.id }),
      expect: people("conversation_not_found", { blocked: "ok" }),
    },
  ],
  "conversation.members": { input: inRoom, expect: members("ok") },
  "conversation.configure": {
    input: ({ room }) => ({ conversationId: room.id, draft: "well" }),
    expect: members("ok"),
  },
  "conversation.markRead": {
    input: ({ room }) => ({ conversationId: room.id, seq: room.seq }),
    expect: members("ok"),
  },
  "group.create": { input: ({ extra }) => ({ title: "g", memberIds: [extra.id] }), expect: people("ok") },
  "group.addMembers": {
    input: async (scene, actor) => ({ ...await inFreshRoom(scene, actor), memberIds: [scene.extra.id] }),
    expect: members("forbidden", { groupAdmin: "ok" }),
  },
  "group.leave": { input: inFreshRoom, expect: members("ok") },
};
