/** The TypeScript client for browsers, Deno and Node ≥ 20. */
export { type Client, type ClientEvents, type ClientOptions, createClient } from "./client.ts";
export { CachedSource, type CachedSourceOptions } from "./cached_source.ts";
export { type CacheStore, IndexedDbCacheStore, type Kept, MemoryCacheStore } from "./cache_store.ts";
export { ClientCache, type KeptView } from "./client_cache.ts";
export type { ClientState } from "./connection.ts";
export {
  ConversationView,
  type ConversationViewEvents,
  type ConversationViewOptions,
  type ViewSource,
} from "./conversation_view.ts";
export { follow, type FollowOptions } from "./follow.ts";
export { IndexedDbOutboxStore } from "./indexed_db_outbox_store.ts";
export { openOutbox, type OpenOutboxOptions } from "./open_outbox.ts";
export { openView, type OpenViewOptions } from "./open_view.ts";
export { ConversationLog, type ConversationLogOptions } from "./conversation_log.ts";
export type { Tokens } from "./credentials.ts";
export { watchPresence, type WatchPresenceOptions } from "./presence.ts";
export { Outbox, type OutboxEvents, type OutboxOptions } from "./outbox.ts";
export type { OutboxItem } from "./outbox_item.ts";
export { type Ack, MemoryOutboxStore, type OutboxChange, type OutboxStore } from "./outbox_store.ts";
export type { StoredItem } from "./outbox_store.ts";
export type { CallOptions } from "./rpc_line.ts";
export type { SocketConstructor, SocketLike } from "./socket.ts";
export {
  type AnyEntry,
  fromEntry as toViewMessage,
  type Reaction,
  type ViewMessage,
} from "./view_message.ts";
export type { UploadOptions } from "./upload.ts";
export { uuidV7 } from "./uuid_v7.ts";
export { CLOSE_CODES, type CloseCode } from "../wire/close_codes.ts";
export { type ErrorCode, ERRORS, ImError } from "../wire/errors.ts";
export type { NotificationName, Notifications } from "../wire/notifications.ts";
export type { Input, OperationName, Output } from "../wire/operations.ts";
export type { Content } from "../wire/content.ts";
export type { Conversation, Entry, InboxEntry, Member, Presence, Self, User } from "../wire/schemas.ts";
