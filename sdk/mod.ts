/** The TypeScript client for browsers, Deno and Node ≥ 20. */
export { type Client, type ClientEvents, type ClientOptions, createClient } from "./client.ts";
export type { ClientState } from "./connection.ts";
export { ConversationLog, type ConversationLogOptions } from "./conversation_log.ts";
export type { Tokens } from "./credentials.ts";
export { Outbox, type OutboxItem, type OutboxOptions } from "./outbox.ts";
export type { CallOptions } from "./rpc_line.ts";
export type { SocketConstructor, SocketLike } from "./socket.ts";
export { uuidV7 } from "./uuid_v7.ts";
export { CLOSE_CODES, type CloseCode } from "../wire/close_codes.ts";
export { type ErrorCode, ERRORS, ImError } from "../wire/errors.ts";
export type { NotificationName, Notifications } from "../wire/notifications.ts";
export type { Input, OperationName, Output } from "../wire/operations.ts";
export type { Content, Conversation, Entry, Member, Self, User } from "../wire/schemas.ts";
