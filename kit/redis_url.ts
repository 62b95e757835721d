/** Where a Redis is and how to get in. */
export interface RedisPlace {
  kind: "single" | "cluster" | "sentinel";
  /** One server; some nodes of a cluster; the sentinels. */
  nodes: { host: string; port: number }[];
  /** What sentinels call the server. */
  name?: string;
  username?: string;
  password?: string;
  /** Which of the numbered databases; a cluster has one only. */
  db: number;
  tls: boolean;
  /** A PEM file of who must have signed the server's certificate; without it the system's list counts. */
  caFile?: string;
}

const SHAPE =
  /^(redis|rediss)(?:-(cluster|sentinel))?:\/\/(?:([^:@/]*):?([^@/]*)@)?([^/?@]+)(?:\/([^?]*))?(?:\?(.*))?$/;

/**
 * Reads `redis://[user:password@]host:port[/db]`, `redis-cluster://…@host:port,host:port` and
 * `redis-sentinel://…@host:port,…/name[/db]`; with `rediss` for TLS, where `?ca=FILE` names the authority. Errors
 * complete the sentence "--redis …" and never repeat what stands there, which may hold a password.
 */
export function parseRedisUrl(text: string): RedisPlace {
  const match = SHAPE.exec(text);
  if (!match) {
    throw new Error(
      "must be redis://host:port, redis-cluster://host:port,… or redis-sentinel://host:port,…/name (rediss for TLS)",
    );
  }
  const [, scheme, variant, username, password, hosts, path = "", query = ""] = match;
  const kind = (variant ?? "single") as RedisPlace["kind"];
  const nodes = hosts.split(",").map((host) => nodeOf(host, kind === "sentinel" ? 26379 : 6379));
  if (kind === "single" && nodes.length > 1) {
    throw new Error("names several servers; that is redis-cluster://");
  }
  const parts = path.split("/").filter((part) => part !== "");
  const name = kind === "sentinel" ? parts.shift() : undefined;
  if (kind === "sentinel" && !name) throw new Error("must end with the name that the sentinels know: /name");
  const db = parts.length === 0 ? 0 : Number(parts[0]);
  if (parts.length > 1 || !Number.isInteger(db) || db < 0 || (kind === "cluster" && db > 0)) {
    throw new Error("names no database by its number");
  }
  return {
    kind,
    nodes,
    name,
    username: username ? decodeURIComponent(username) : undefined,
    password: password ? decodeURIComponent(password) : undefined,
    db,
    tls: scheme === "rediss",
    caFile: new URLSearchParams(query).get("ca") ?? undefined,
  };
}

function nodeOf(text: string, defaultPort: number): { host: string; port: number } {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+)(?::(\d{1,5}))?$/.exec(text.trim());
  const port = Number(match?.[2] ?? defaultPort);
  if (!match || port < 1 || port > 65535) throw new Error("names a server that is not host:port");
  return { host: match[1].replace(/^\[|\]$/g, ""), port };
}
