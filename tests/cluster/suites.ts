/**
 * `deno task test:on GROUND [FILE…]`: the end-to-end tests, unchanged, on a cluster: two gateways and two dbproxies
 * over MariaDB and Redis, behind nginx with TLS, mTLS in between. GROUND: cluster, redis-cluster (three nodes, sharded
 * pub/sub) or replica (a primary and a replica by GTID). With `itself` the files given start clusters of their own.
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

const [ground, ...named] = Deno.args;
/** Who may do what is decided above the storage; one cluster is enough for it. */
const authorisation = ground === "cluster" ? ["tests/authorisation"] : [];
const files = named.length > 0 ? named : [...FILES.map((name) => `tests/e2e/${name}`), ...authorisation];
const folder = await Deno.makeTempDir({ prefix: "imserver-certificates-" });
try {
  const { ca } = await makeCertificateFiles(folder);
  const permissions = ["read", "write", "net", "env", "sys", "run"].map((name) => `--allow-${name}`);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", ...permissions, ...files],
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
