import { Redis } from "ioredis";
import { closeRedis } from "../../kit/redis.ts";
import { type Child, freePort, programOf, runToEnd, spawn, until } from "./processes.ts";

/** Real Redis servers of the tests' own: free ports, data in a folder that goes with them. */
export class RedisServer {
  #child: Child | null = null;

  private constructor(readonly port: number, readonly folder: string, readonly settings: readonly string[]) {}

  static async start(
    { port = freePort(), settings = [] }: { port?: number; settings?: readonly string[] } = {},
  ) {
    const folder = await Deno.makeTempDir({ prefix: "imserver-redis-" });
    const server = new RedisServer(port, folder, settings);
    await server.run();
    return server;
  }

  /** Starts the process, empty. */
  async run(): Promise<void> {
    const settings = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", this.folder];
    try {
      this.#child = spawn(programOf("redis-server"), {
        args: ["--port", `${this.port}`, ...settings, ...this.settings],
      });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new Error("Redis is missing: run `apt-get install redis-server` as root");
    }
    const child = this.#child;
    let gone = false;
    child.ended.then(() => gone = true);
    await until("Redis answers", async () => gone || await isListening(this.listenPort)).catch((error) => {
      throw new Error(`${error.message}\n${child.output()}`);
    });
    if (gone) throw new Error(`Redis ended at once:\n${child.output()}`);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** The one that answers: with TLS there is no plain one. */
  get listenPort(): number {
    const tls = this.settings.indexOf("--tls-port");
    return tls < 0 ? this.port : Number(this.settings[tls + 1]);
  }

  get pid(): number {
    return this.#child!.pid;
  }

  async command(...words: string[]): Promise<unknown> {
    const redis = new Redis({
      host: "127.0.0.1",
      port: this.port,
      lazyConnect: true,
      maxRetriesPerRequest: 0,
    });
    redis.on("error", () => {});
    try {
      await redis.connect();
      return await redis.call(words[0], ...words.slice(1));
    } finally {
      await closeRedis(redis);
    }
  }

  signal(signal: Deno.Signal): void {
    this.#child?.signal(signal);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#child?.end("SIGKILL");
  }

  async remove(): Promise<void> {
    await this.kill();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Three nodes with a third of the slots each; their own bus uses the ports 10,000 above. */
export class RedisCluster {
  private constructor(readonly nodes: RedisServer[]) {}

  static async start(triesLeft = 2): Promise<RedisCluster> {
    const settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
    const more = ["--cluster-require-full-coverage", "no"];
    const nodes = await Promise.all(
      [0, 1, 2].map(() => RedisServer.start({ settings: [...settings, ...more] })),
    );
    const members = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const create = [
      "redis-cli",
      "--cluster",
      "create",
      ...members,
      "--cluster-replicas",
      "0",
      "--cluster-yes",
    ];
    try {
      // By itself it waits for nodes that do not find each other for as long as there are such.
      await runToEnd("timeout", ["30", ...create]);
    } catch (error) {
      await Promise.all(nodes.map((node) => node.remove()));
      if (triesLeft === 0) throw error;
      return await RedisCluster.start(triesLeft - 1);
    }
    const cluster = new RedisCluster(nodes);
    await until("the cluster is whole", async () => {
      const infos = await Promise.all(nodes.map((node) => node.command("cluster", "info")));
      return infos.every((info) => /cluster_state:ok/.test(String(info)));
    });
    return cluster;
  }

  get url(): string {
    return `redis-cluster://${this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
  }

  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
  }
}

function isListening(port: number): Promise<boolean> {
  return Deno.connect({ hostname: "127.0.0.1", port }).then((socket) => {
    socket.close();
    return true;
  }, () => false);
}
