import { join } from "node:path";
import { formatKeys, generateKeys } from "../../auth/keys.ts";
import { RedisServer } from "./redis.ts";
import { freePort, type Server, startProcess } from "./server.ts";

/** Two gateways over one dbproxy on SQLite and one Redis: for tests of what gateways know of each other. */
export class TwoGateways implements AsyncDisposable {
  private constructor(
    readonly redis: RedisServer,
    readonly dbproxy: Server,
    readonly gateways: [Server, Server],
    private readonly folder: string,
  ) {}

  static async start(args: readonly string[] = []): Promise<TwoGateways> {
    const folder = await Deno.makeTempDir({ prefix: "imserver-gateways-" });
    const redis = await RedisServer.start();
    const keyFile = join(folder, "keys.json");
    await Deno.writeTextFile(keyFile, formatKeys(generateKeys(Date.now())), { mode: 0o600 });
    const port = freePort();
    const dataDir = join(folder, "data");
    const dbproxy = await startProcess({
      dataDir,
      args: ["--mode=dbproxy", `--grpc-listen=127.0.0.1:${port}`],
    });
    const gateway = () =>
      startProcess({
        dataDir,
        args: [
          "--mode=gateway",
          `--dbproxy=127.0.0.1:${port}`,
          `--redis=${redis.url}`,
          `--key-file=${keyFile}`,
          ...args,
        ],
      });
    return new TwoGateways(redis, dbproxy, await Promise.all([gateway(), gateway()]), folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.gateways, this.dbproxy].map((server) => server.stop("SIGKILL")));
    await this.redis.remove();
    await Deno.remove(this.folder, { recursive: true });
  }
}
