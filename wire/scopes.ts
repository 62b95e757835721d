/** What a bot's token may be for. `bots` of an operation, or this table, says which one it takes. */
export const SCOPES = ["messages:read", "messages:write", "groups:manage", "contacts"] as const;
export type Scope = typeof SCOPES[number];

/** The scope that an operation takes: one of them; `any`: every token will do; `never`: it is not for bots. */
export type BotAccess = Scope | "any" | "never";

/** By the operation's namespace, for reading (GET) and for writing. What is not named here is not for bots. */
const BY_NAMESPACE: Record<string, { read: BotAccess; write: BotAccess }> = {
  message: { read: "messages:read", write: "messages:write" },
  reaction: { read: "messages:read", write: "messages:write" },
  log: { read: "messages:read", write: "messages:write" },
  search: { read: "messages:read", write: "messages:read" },
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
