import { members, people, type Rows } from "../row.ts";

export const search: Rows<"message.search"> = {
  "message.search": [
    {
      about: "in one conversation",
      input: ({ room }) => ({ query: "owner", conversationId: room.id }),
      expect: members("ok", { former: "ok" }),
    },
    { about: "in all of one's own", input: () => ({ query: "owner" }), expect: people("ok") },
  ],
};
