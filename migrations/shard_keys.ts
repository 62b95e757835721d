/**
 * Tables that grow with messages or with what people do all day, and the column by which they can be divided over
 * servers (docs/sharding.md): a conversation's rows lie together, and so do a user's. Each leads its primary key with
 * it. All other tables are small, and lie together on one server.
 */
export const SHARD_KEYS: Readonly<Record<string, "conversation_id" | "user_id">> = {
  heads: "conversation_id",
  members: "conversation_id",
  entries: "conversation_id",
  sends: "conversation_id",
  marks: "conversation_id",
  reactions: "conversation_id",
  pins: "conversation_id",
  hidden: "conversation_id",
  file_refs: "conversation_id",
  search_docs: "conversation_id",
  touched: "user_id",
  relations: "user_id",
  profiles: "user_id",
};
