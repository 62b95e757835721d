import {
  address,
  atLeastOne,
  bytes,
  choice,
  count,
  dbproxyAddress,
  factor,
  folderOrBucket,
  issuerUrl,
  list,
  mysqlOrSqlite,
  mysqlUrl,
  network,
  plainUrl,
  port,
  redisUrl,
  seconds,
  share,
  text,
  url,
} from "./values.ts";

/** Every setting, declared once: its flag, its environment variable, its place in `--help`, its check. */
export interface Setting<T> {
  flag: string;
  group: Group;
  /** What stands for the value in `--help`. */
  shape: string;
  help: string;
  /** As typed; undefined: not set. */
  fallback?: string;
  /** Hides what `--print-config` must not show. */
  mask?: (value: string) => string;
  /** Checks and converts. Throws an Error whose message completes "--flag: …". */
  parse: (value: string) => T;
}

export type Group = "General" | "Gateway" | "Storage" | "Cluster" | "Logs";

/** Hides the password of a URL, which goes to the last @: one inside a password should be %40 and often is not. */
const maskUrl = (value: string) =>
  value.replace(/^(\w+:\/\/[^:@/]*:).*@/, "$1***@").replace(/([?&]password=)[^&]*/gi, "$1***");

export const SETTINGS = {
  mode: {
    flag: "mode",
    group: "General",
    shape: "gateway|dbproxy|both",
    help: "what this process is: everything, or one of the two halves of a cluster",
    fallback: "both",
    parse: choice("gateway", "dbproxy", "both"),
  },
  config: {
    flag: "config",
    group: "General",
    shape: "FILE",
    help: "a TOML file of these settings, without the dashes: port = 9000",
    parse: text,
  },
  dataDir: {
    flag: "data-dir",
    group: "General",
    shape: "FOLDER",
    help: "where the embedded database and the keys lie",
    fallback: "./data",
    parse: text,
  },
  keyFile: {
    flag: "key-file",
    group: "General",
    shape: "FILE",
    help: "signing keys; made on first run (default: keys.json in the data folder)",
    parse: text,
  },
  host: {
    flag: "host",
    group: "Gateway",
    shape: "ADDRESS",
    help: "the address clients connect to",
    fallback: "0.0.0.0",
    parse: text,
  },
  port: {
    flag: "port",
    group: "Gateway",
    shape: "PORT",
    help: "the port clients connect to: web client, REST and WebSocket",
    fallback: "8080",
    parse: port,
  },
  publicUrl: {
    flag: "public-url",
    group: "Gateway",
    shape: "URL",
    help: "how clients reach this server, where that is not http://localhost:PORT",
    parse: url,
  },
  tlsCert: {
    flag: "tls-cert",
    group: "Gateway",
    shape: "FILE",
    help: "serve clients over TLS with this certificate chain (PEM), where no proxy does",
    parse: text,
  },
  tlsKey: {
    flag: "tls-key",
    group: "Gateway",
    shape: "FILE",
    help: "its private key (PEM)",
    parse: text,
  },
  trustedProxies: {
    flag: "trusted-proxies",
    group: "Gateway",
    shape: "ADDRESS,…",
    help: "proxies whose X-Forwarded-For names the client: addresses or networks (10.0.0.0/8)",
    parse: list(network) as (value: string) => string[],
  },
  registration: {
    flag: "registration",
    group: "Gateway",
    shape: "open|closed",
    help: "whether anyone may make an account",
    fallback: "open",
    parse: choice("open", "closed"),
  },
  adminSecondFactor: {
    flag: "admin-second-factor",
    group: "Gateway",
    shape: "optional|required",
    help: "whether admins of the server must have a second factor to do what admins do",
    fallback: "optional",
    parse: choice("optional", "required"),
  },
  oidcIssuer: {
    flag: "oidc-issuer",
    group: "Gateway",
    shape: "URL",
    help: "let people log in at this OpenID Connect server too (Keycloak, Authentik …): its issuer",
    parse: issuerUrl,
  },
  oidcClientId: {
    flag: "oidc-client-id",
    group: "Gateway",
    shape: "ID",
    help: "what this server is called there",
    parse: text,
  },
  oidcClientSecretFile: {
    flag: "oidc-client-secret-file",
    group: "Gateway",
    shape: "FILE",
    help: "a file with the secret it has given this server; none: PKCE alone",
    parse: text,
  },
  oidcName: {
    flag: "oidc-name",
    group: "Gateway",
    shape: "TEXT",
    help: "what the button for that says people log in with",
    fallback: "OpenID",
    parse: text,
  },
  recallWindow: {
    flag: "recall-window",
    group: "Gateway",
    shape: "SECONDS",
    help: "how long after sending one may recall a message",
    fallback: "120",
    parse: seconds,
  },
  directPolicy: {
    flag: "direct-policy",
    group: "Gateway",
    shape: "anyone|friends",
    help: "who may open a direct conversation and write in it",
    fallback: "anyone",
    parse: choice("anyone", "friends"),
  },
  friendRequestDays: {
    flag: "friend-request-days",
    group: "Gateway",
    shape: "DAYS",
    help: "after which a friend request that nobody answered has ended; 0: never",
    fallback: "30",
    parse: count,
  },
  maxGroupMembers: {
    flag: "max-group-members",
    group: "Gateway",
    shape: "COUNT",
    help: "how many members a group may have; tested with 10000",
    fallback: "1000",
    parse: atLeastOne,
  },
  maxSessionsPerKind: {
    flag: "max-sessions-per-kind",
    group: "Gateway",
    shape: "COUNT",
    help:
      "devices of one kind a user may be logged in on; the one used longest ago is logged out; 0: any number",
    fallback: "10",
    parse: count,
  },
  usernameDays: {
    flag: "username-days",
    group: "Gateway",
    shape: "DAYS",
    help: "days between two changes of a username; 0: any time",
    fallback: "30",
    parse: count,
  },
  maxBotsPerUser: {
    flag: "max-bots-per-user",
    group: "Gateway",
    shape: "COUNT",
    help: "bots that one person may make; 0: none",
    fallback: "20",
    parse: count,
  },
  maxConnectsPerSecond: {
    flag: "max-connects-per-second",
    group: "Gateway",
    shape: "COUNT",
    help: "WebSockets taken in a second; who comes above it is told when to come back; 0: any number",
    fallback: "1500",
    parse: count,
  },
  rateLimitScale: {
    flag: "rate-limit-scale",
    group: "Gateway",
    shape: "FACTOR",
    help:
      "how often a user, and an address without a session, may call what: so many times the usual; 0: any number",
    fallback: "1",
    parse: factor,
  },
  opsHost: {
    flag: "ops-host",
    group: "Gateway",
    shape: "ADDRESS",
    help: "the address of the operator's port",
    fallback: "127.0.0.1",
    parse: text,
  },
  opsPort: {
    flag: "ops-port",
    group: "Gateway",
    shape: "PORT",
    help: "the operator's port: /healthz, /readyz and /metrics",
    fallback: "8081",
    parse: port,
  },
  database: {
    flag: "database",
    group: "Storage",
    shape: "URL",
    help:
      "sqlite:PATH (default: imserver.db in the data folder), or mysql://user:password@host:port/name, with ?tls=true or ?tls-ca=FILE for TLS",
    mask: maskUrl,
    parse: mysqlOrSqlite,
  },
  databaseConnections: {
    flag: "database-connections",
    group: "Storage",
    shape: "COUNT",
    help: "connections to MySQL, and to each replica, at most",
    fallback: "16",
    parse: atLeastOne,
  },
  files: {
    flag: "files",
    group: "Storage",
    shape: "URL",
    help:
      "where uploaded files lie: file:FOLDER (default: files in the data folder; a gateway has no default), or s3://KEY:SECRET@host:port/bucket, with ?region=… and ?tls=false where needed",
    mask: maskUrl,
    parse: folderOrBucket,
  },
  maxFileSize: {
    flag: "max-file-size",
    group: "Storage",
    shape: "BYTES",
    help: "one file, at most: 500000, 100MB, 2GiB",
    fallback: "100MB",
    parse: bytes,
  },
  fileQuota: {
    flag: "file-quota",
    group: "Storage",
    shape: "BYTES",
    help: "all files of one user together, at most; 0: any number",
    fallback: "0",
    parse: bytes,
  },
  fileRetention: {
    flag: "file-retention",
    group: "Storage",
    shape: "SECONDS",
    help: "how long an unfinished upload, or a file to which no message refers, is kept",
    fallback: "86400",
    parse: seconds,
  },
  fileLinkSeconds: {
    flag: "file-link-seconds",
    group: "Storage",
    shape: "SECONDS",
    help:
      "send downloads (but what a page shows) straight to the S3 store, by links that work so long; 0: all go through this server",
    fallback: "0",
    parse: seconds,
  },
  replica: {
    flag: "replica",
    group: "Storage",
    shape: "URL,…",
    help: "read replicas of the MySQL database; history is read from them when they are up to date",
    mask: maskUrl,
    parse: list(mysqlUrl) as (value: string) => string[],
  },
  grpcListen: {
    flag: "grpc-listen",
    group: "Cluster",
    shape: "HOST:PORT",
    help: "where a dbproxy listens for gateways",
    parse: address,
  },
  dbproxy: {
    flag: "dbproxy",
    group: "Cluster",
    shape: "[dns:]HOST:PORT,…",
    help:
      "the dbproxies a gateway dials; dns: before a name takes every address that it has, looked up again every 5 s",
    parse: list(dbproxyAddress) as (value: string) => ReturnType<typeof dbproxyAddress>[],
  },
  redis: {
    flag: "redis",
    group: "Cluster",
    shape: "URL",
    help:
      "redis://host:port, rediss:// for TLS, redis-cluster://host:port,…, redis-sentinel://host:port,…/name: what gateways tell each other and count together",
    mask: maskUrl,
    parse: redisUrl,
  },
  redisBus: {
    flag: "redis-bus",
    group: "Cluster",
    shape: "URL",
    help: "another Redis for what gateways tell each other",
    mask: maskUrl,
    parse: redisUrl,
  },
  redisCache: {
    flag: "redis-cache",
    group: "Cluster",
    shape: "URL",
    help: "another Redis for what gateways count together (wrong passwords, rate limits)",
    mask: maskUrl,
    parse: redisUrl,
  },
  grpcTlsCert: {
    flag: "grpc-tls-cert",
    group: "Cluster",
    shape: "FILE",
    help: "this process's certificate between gateway and dbproxy (PEM)",
    parse: text,
  },
  grpcTlsKey: {
    flag: "grpc-tls-key",
    group: "Cluster",
    shape: "FILE",
    help: "its private key (PEM)",
    parse: text,
  },
  grpcTlsCa: {
    flag: "grpc-tls-ca",
    group: "Cluster",
    shape: "FILE",
    help: "who must have signed the other side's certificate (PEM); both sides then prove who they are",
    parse: text,
  },
  logLevel: {
    flag: "log-level",
    group: "Logs",
    shape: "debug|info|warn|error",
    help: "what is worth a line",
    fallback: "info",
    parse: choice("debug", "info", "warn", "error"),
  },
  logFormat: {
    flag: "log-format",
    group: "Logs",
    shape: "text|json",
    help: "lines for people or for machines",
    fallback: "text",
    parse: choice("text", "json"),
  },
  traceEndpoint: {
    flag: "trace-endpoint",
    group: "Logs",
    shape: "URL",
    help:
      "record traces and send them to this OpenTelemetry collector (OTLP over HTTP): http://localhost:4318",
    parse: plainUrl,
  },
  traceSample: {
    flag: "trace-sample",
    group: "Logs",
    shape: "SHARE",
    help: "how many of the clients' requests a gateway traces, from 0 to 1; a dbproxy follows the gateways",
    fallback: "0.01",
    parse: share,
  },
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;

export function envName(flag: string): string {
  return `IMSERVER_${flag.toUpperCase().replaceAll("-", "_")}`;
}
