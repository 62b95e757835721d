/**
 * `deno task test:on GROUND [FILE…]`: the end-to-end tests, unchanged, on a cluster: two gateways and two dbproxies
 * over MariaDB and Redis, behind nginx with TLS, mTLS in between. GROUND: cluster, redis-cluster (three nodes, sharded
 * pub/sub) or replica (a primary and a replica by GTID). With `itself` the files given start clusters of their own.
 * `--what-differs` leaves out what is the same there as on `cluster`: `deno task test` has no time to say it three times.
 */
import { makeCertificateFiles } from "../support/certificate_files.ts";

/** Those that are about one process stay out: its flags, its ports, its data folder, raw bytes at its own door. */
const FILES = [
  "accounts_test.ts",
  "admin_test.ts",
  "bots_test.ts",
  "chat_test.ts",
  "doors_test.ts",
  "export_test.ts",
  "friends_test.ts",
  "files_test.ts",
  "groups_test.ts",
  "inbox_test.ts",
  "message_changes_test.ts",
  "search_test.ts",
  "presence_test.ts",
  "sync_test.ts",
  "thousand_test.ts",
  "users_test.ts",
];

/** What has another Redis, or another database, beneath it. */
const DIFFERS: Record<string, string[]> = {
  "redis-cluster": [
    "accounts",
    "chat",
    "friends",
    "groups",
    "inbox",
    "message_changes",
    "presence",
    "sync",
    "thousand",
  ],
  replica: ["chat", "friends", "groups", "inbox", "message_changes", "search", "sync", "thousand"],
};

const [ground, ...rest] = Deno.args;
const named = rest.filter((one) => one !== "--what-differs");
const differs = rest.length > named.length ? DIFFERS[ground] : undefined;
/** Who may do what is decided above the storage; one cluster is enough for it. */
const authorisation = ground === "cluster" ? ["tests/authorisation"] : [];
const filters = named.filter((one) => one.startsWith("--"));
const all = FILES.filter((name) => differs?.includes(name.replace("_test.ts", "")) ?? true);
const files = named.length > filters.length
  ? named
  : [...all.map((name) => `tests/e2e/${name}`), ...authorisation, ...filters];
const folder = await Deno.makeTempDir({ prefix: "imserver-certificates-" });
try {
  const { ca } = await makeCertificateFiles(folder);
  const permissions = ["read", "write", "net", "env", "sys", "run"].map((name) => `--allow-${name}`);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", ...permissions, ...files],
    env: {
      ...(ground === "itself" ? {} : { IMSERVER_TEST_ON: ground }),
      IMSERVER_TEST_CERTIFICATES: folder,
      DENO_CERT: ca,
    },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  Deno.exitCode = code;
} finally {
  await Deno.remove(folder, { recursive: true });
}
