import { Cluster, type ClusterOptions, type Ground } from "./cluster.ts";
import type { Server, StartOptions } from "./server.ts";

/** Clusters whose own processes have ended and whose database and Redis wait for the next start, by data folder. */
const resting = new Map<string, { cluster: Cluster; removal: ReturnType<typeof setTimeout> }>();
/** A test that starts its server again does so within this. */
const REST_MS = 5_000;

// A file of tests may end while one still rests: then nobody waits for the timer any more.
globalThis.addEventListener("unload", () => {
  for (const { cluster, removal } of resting.values()) {
    clearTimeout(removal);
    cluster.abandon();
  }
  resting.clear();
});

/**
 * A cluster that looks like one server: what the end-to-end tests talk to when they run on one. Ending it ends the
 * gateways and dbproxies; a start on the same data folder finds the database as they left it.
 */
export async function startAsServer(ground: string, options: StartOptions): Promise<Server> {
  const { args, env, cwd, dataDir } = options;
  if (env || cwd) throw new Error("this test is about one process and cannot run on a cluster");
  const cluster = await wake(dataDir) ?? await open({ ground: ground as Ground, fast: true, args });
  const ended = Promise.withResolvers<Deno.CommandStatus>();
  const stop = async (signal: Deno.Signal = "SIGTERM") => {
    const from = performance.now();
    const codes = await Promise.all(cluster.members.map((member) => member.stop(signal)));
    rest(dataDir, cluster);
    const code = codes.find((one) => one.code !== 0)?.code ?? 0;
    ended.resolve({ success: code === 0, code, signal: null });
    return { code, signal: null, tookMs: performance.now() - from };
  };
  return {
    url: cluster.url,
    opsUrl: cluster.gateways[0].server.opsUrl,
    pid: cluster.gateways[0].server.pid,
    output: () => cluster.output(),
    stdout: () => cluster.output(),
    stderr: () => "",
    ended: ended.promise,
    stop,
    [Symbol.asyncDispose]: async () => void await stop("SIGKILL"),
  };
}

/** A port that was free may be taken a moment later: a second try has others. */
async function open(options: ClusterOptions): Promise<Cluster> {
  return await Cluster.start(options).catch((error) => {
    // Who waits for it in a hook is not shown why it failed.
    console.error("a cluster did not start, and is tried again:", error);
    return Cluster.start(options);
  });
}

async function wake(dataDir: string): Promise<Cluster | null> {
  const found = resting.get(dataDir);
  if (!found) return null;
  clearTimeout(found.removal);
  resting.delete(dataDir);
  await found.cluster.startMembers();
  return found.cluster;
}

function rest(dataDir: string, cluster: Cluster): void {
  if (resting.has(dataDir)) return;
  const removal = setTimeout(() => {
    resting.delete(dataDir);
    // It may be abandoned meanwhile, and then there is nothing left to remove.
    cluster[Symbol.asyncDispose]().catch(() => {});
  }, REST_MS);
  resting.set(dataDir, { cluster, removal });
}
