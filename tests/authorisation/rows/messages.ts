import { members, people, type Rows } from "../row.ts";
import type { Actor, Scene } from "../scene.ts";

/** Who was in a group may go on reading what was said while they were. */
const readers = members("ok", { former: "ok" });
/** Who is muted neither writes nor changes anything. */
const writers = members("ok", { muted: "muted" });
const pinners = members("forbidden", { muted: "muted", groupAdmin: "ok" });
/** A message of the owner's, which nobody changes. */
const place = ({ room }: Scene) => ({ conversationId: room.id, seq: room.seq });
const freshPlace = async (scene: Scene, actor: Actor) => {
  const { id, seq } = await scene.freshRoom(actor);
  return { conversationId: id, seq };
};
const ownPlace = async (scene: Scene, actor: Actor) => {
  const { id, ownSeq } = await scene.freshRoom(actor);
  return { conversationId: id, seq: ownSeq(actor) };
};

let sends = 0;
const clientId = () => `m${sends++}`;
const content = { type: "text", text: "hello" } as const;

export const messages: Rows<
  | "message.send"
  | "message.forward"
  | "message.history"
  | "message.get"
  | "message.edits"
  | "message.edit"
  | "message.recall"
  | "message.delete"
  | "message.pin"
  | "message.unpin"
  | "message.pins"
  | "reaction.add"
  | "reaction.remove"
  | "log.read"
> = {
  "message.send": [
    {
      about: "to a group",
      input: ({ room }) => ({ conversationId: room.id, clientId: clientId(), content }),
      expect: writers,
    },
    {
      about: "to a friend",
      input: ({ directs }) => ({ conversationId: directs.friend.id, clientId: clientId(), content }),
      expect: people("conversation_not_found", { friend: "ok" }),
    },
    {
      about: "to who has blocked the sender",
      input: ({ directs }) => ({ conversationId: directs.blocked.id, clientId: clientId(), content }),
      expect: people("conversation_not_found", { blocked: "blocked" }),
    },
  ],
  "message.forward": [
    {
      about: "within a group",
      input: ({ room }) => ({
        conversationId: room.id,
        clientId: clientId(),
        fromConversationId: room.id,
        seqs: [room.seq],
      }),
      expect: writers,
    },
    {
      about: "out of a group",
      input: async ({ room, call, extra }, { id, person }) => {
        const conversation = person && await call(person, "conversation.openDirect", { userId: extra.id });
        return {
          conversationId: conversation?.id ?? id,
          clientId: clientId(),
          fromConversationId: room.id,
          seqs: [room.seq],
        };
      },
      expect: readers,
    },
  ],
  "message.history": { input: ({ room }) => ({ conversationId: room.id }), expect: readers },
  "message.get": { input: place, expect: readers },
  "message.edits": { input: place, expect: readers },
  "message.edit": [
    {
      about: "one's own",
      input: async (scene, actor) => ({ ...await ownPlace(scene, actor), content }),
      expect: writers,
    },
    {
      about: "somebody else's",
      input: async (scene, actor) => ({ ...await freshPlace(scene, actor), content }),
      expect: members("forbidden", { muted: "muted" }),
    },
  ],
  "message.recall": [
    { about: "one's own", input: ownPlace, expect: members("ok") },
    { about: "somebody else's", input: freshPlace, expect: members("forbidden", { groupAdmin: "ok" }) },
  ],
  "message.delete": {
    input: ({ room }) => ({ conversationId: room.id, seqs: [room.seq] }),
    expect: readers,
  },
  "message.pin": { input: freshPlace, expect: pinners },
  "message.unpin": { input: freshPlace, expect: pinners },
  "message.pins": { input: ({ room }) => ({ conversationId: room.id }), expect: readers },
  "reaction.add": {
    input: async (scene, actor) => ({ ...await freshPlace(scene, actor), emoji: "👍" }),
    expect: writers,
  },
  "reaction.remove": {
    input: async (scene, actor) => ({ ...await freshPlace(scene, actor), emoji: "👍" }),
    expect: writers,
  },
  "log.read": { input: ({ room }) => ({ conversationId: room.id }), expect: readers },
};
