import { members, type Rows } from "../row.ts";

export const receipts: Rows<"receipt.delivered" | "receipt.list" | "typing.set"> = {
  "receipt.delivered": {
    input: ({ room }) => ({ conversationId: room.id, seq: room.seq }),
    expect: members("ok"),
  },
  "receipt.list": { input: ({ room }) => ({ conversationId: room.id }), expect: members("ok") },
  "typing.set": {
    input: ({ room }) => ({ conversationId: room.id, on: true }),
    expect: members("ok", { muted: "muted" }),
  },
};
