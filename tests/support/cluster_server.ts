import { Cluster, type Ground } from "./cluster.ts";
import type { Server, StartOptions } from "./server.ts";

/** A cluster that looks like one server: what the end-to-end tests talk to when they run on one. */
export async function startAsServer(ground: string, { args, env, cwd, port }: StartOptions): Promise<Server> {
  if (env || cwd || port) throw new Error("this test is about one process and cannot run on a cluster");
  const cluster = await Cluster.start({ ground: ground as Ground, fast: true, args });
  const ended = Promise.withResolvers<Deno.CommandStatus>();
  const close = async () => {
    await cluster[Symbol.asyncDispose]();
    ended.resolve({ success: true, code: 0, signal: null });
  };
  return {
    url: cluster.url,
    opsUrl: cluster.gateways[0].server.opsUrl,
    pid: cluster.gateways[0].server.pid,
    output: () => cluster.output(),
    stdout: () => cluster.output(),
    stderr: () => "",
    ended: ended.promise,
    async stop() {
      const from = performance.now();
      await close();
      return { code: 0, signal: null, tookMs: performance.now() - from };
    },
    [Symbol.asyncDispose]: close,
  };
}
