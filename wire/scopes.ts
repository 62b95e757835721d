import type { NotificationName } from "./notifications.ts";
import type { InboxEntry } from "./schemas.ts";

/** What a bot's token may be for. `bots` of an operation, or the tables below, say which one it takes. */
export const SCOPES = ["messages:read", "messages:write", "groups:manage", "contacts"] as const;
export type Scope = typeof SCOPES[number];

/**
 * The scope that something takes: one of them, or several together; `any`: every token will do; `never`: it is not for
 * bots.
 */
export type BotAccess = Scope | readonly Scope[] | "any" | "never";

/** By the operation's namespace, for reading (GET) and for writing. What is not named here is not for bots. */
const BY_NAMESPACE: Record<string, { read: BotAccess; write: BotAccess }> = {
  message: { read: "messages:read", write: "messages:write" },
  reaction: { read: "messages:read", write: "messages:write" },
  log: { read: "messages:read", write: "messages:write" },
  conversation: { read: "messages:read", write: "messages:write" },
  sync: { read: "messages:read", write: "messages:read" },
  inbox: { read: "messages:read", write: "messages:read" },
  receipt: { read: "messages:read", write: "messages:read" },
  typing: { read: "messages:write", write: "messages:write" },
  file: { read: "messages:read", write: "messages:write" },
  group: { read: "groups:manage", write: "groups:manage" },
  presence: { read: "contacts", write: "contacts" },
  user: { read: "contacts", write: "never" },
  friend: { read: "contacts", write: "contacts" },
  block: { read: "contacts", write: "contacts" },
};

/** What a connection is told unasked. */
const PUSHED: Record<NotificationName, BotAccess> = {
  "session.ready": "any",
  "sync.needed": "any",
  "log.append": "messages:read",
  // Each of its entries by its kind, below.
  "inbox.append": "any",
  "conversation.read": "messages:read",
  "draft.changed": "messages:read",
  "receipt.moved": "messages:read",
  "typing.changed": "messages:read",
  "presence.changed": "contacts",
};

/** Entries of the inbox; one that a token may not read is there as `hidden`, so that the log has no holes. */
const IN_INBOX: Record<InboxEntry["kind"], BotAccess> = {
  "conversation.joined": "messages:read",
  "conversation.left": "messages:read",
  "conversation.configured": "messages:read",
  "message.hidden": "messages:read",
  "system.message": "messages:read",
  "group.requested": "groups:manage",
  "group.answered": "groups:manage",
  "friend.changed": "contacts",
  "friend.configured": "contacts",
  "block.changed": "contacts",
  "profile.changed": "any",
  "hidden": "any",
};

/** Whether scopes are enough for something. Without any list it is a person, who may all that they may. */
export function suffices(scopes: readonly string[] | undefined, needed: BotAccess): boolean {
  if (!scopes || needed === "any") return true;
  return needed !== "never" && scopesIn(needed).every((scope) => scopes.includes(scope));
}

/** The scopes named by an access; none for `any` and `never`. */
export function scopesIn(access: BotAccess): readonly Scope[] {
  if (access === "any" || access === "never") return [];
  return typeof access === "string" ? [access] : access;
}

/** Whether who holds these scopes is told a notification. */
export function mayHear(scopes: readonly string[] | undefined, name: NotificationName): boolean {
  return !scopes || suffices(scopes, PUSHED[name]);
}

/** Whether who holds these scopes may read an entry of their inbox. */
export function mayReadInInbox(scopes: readonly string[] | undefined, kind: InboxEntry["kind"]): boolean {
  return !scopes || suffices(scopes, IN_INBOX[kind] ?? "never");
}

/** Whether who holds these scopes is shown what is in messages, whatever it stands in. */
export function mayReadMessages(scopes: readonly string[] | undefined): boolean {
  return suffices(scopes, "messages:read");
}

export function botAccessOf(
  name: string,
  { access, bots, method }: { access: "public" | "user" | "admin"; bots?: BotAccess; method: string },
): BotAccess {
  if (access === "public") return "any";
  if (access === "admin") return "never";
  const [namespace] = name.split(".", 1);
  const known = Object.hasOwn(BY_NAMESPACE, namespace) ? BY_NAMESPACE[namespace] : undefined;
  return bots ?? known?.[method === "GET" ? "read" : "write"] ?? "never";
}
