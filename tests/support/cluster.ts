import { join } from "node:path";
import { formatKeys, generateKeys } from "../../auth/keys.ts";
import { type CertificateFiles, makeCertificateFiles } from "./certificate_files.ts";
import { Mariadb } from "./mariadb.ts";
import { MariadbPair } from "./mariadb_pair.ts";
import { Nginx, NO_LIMITS } from "./nginx.ts";
import { freePort, until } from "./processes.ts";
import { RedisCluster, RedisServer } from "./redis.ts";
import { type Flavour, type Server, startProcess } from "./server.ts";
import { Spider } from "./spider.ts";

/** What a cluster stands on: `cluster` is one MariaDB and one Redis, the others change one of the two. */
export type Ground = "cluster" | "redis-cluster" | "replica" | "spider";

/** Connections by what they lead to: nginx → gateway → dbproxy → database and replica; gateways and dbproxies → redis. */
export type Link = "gateway" | "dbproxy" | "database" | "replica" | "redis";

export interface ClusterOptions {
  ground?: Ground;
  flavour?: Flavour;
  /** Data in memory and no fsync below: for tests that are not about crashes of the database. */
  fast?: boolean;
  /** More flags of every gateway. */
  args?: readonly string[];
  /** More flags of every dbproxy. */
  dbproxyArgs?: readonly string[];
  gateways?: number;
  dbproxies?: number;
  /** Whether gateways and dbproxies speak mTLS, which is the default. */
  mtls?: boolean;
  /** More settings of the one MariaDB. */
  mariadb?: readonly string[];
  /** What stands for a part's real port, where a test puts something in between. */
  between?: (what: Link, port: number) => number;
  /** Files of nginx/site/ instead of those that are shipped. */
  site?: Record<string, string>;
}

/** Those that this whole run trusts (DENO_CERT), where there are such; else new ones. */
async function certificatesIn(folder: string): Promise<CertificateFiles> {
  const given = Deno.env.get("IMSERVER_TEST_CERTIFICATES");
  if (!given) return await makeCertificateFiles(folder);
  return { ca: `${given}/ca.pem`, cert: `${given}/cert.pem`, key: `${given}/key.pem` };
}

async function isReady({ opsUrl }: Server): Promise<boolean> {
  const answer = await fetch(`${opsUrl}/readyz`);
  await answer.body?.cancel();
  return answer.ok;
}

/** One of our own processes, which can be ended and started again at its place. */
export class Member {
  #server: Server | null = null;
  readonly port = freePort();
  readonly opsPort = freePort();

  constructor(private readonly launch: (ports: { port: number; opsPort: number }) => Promise<Server>) {}

  get server(): Server {
    if (!this.#server) throw new Error("it does not run");
    return this.#server;
  }

  async start(): Promise<void> {
    this.#server = await this.launch(this);
  }

  async stop(signal: Deno.Signal = "SIGTERM") {
    return await this.server.stop(signal);
  }
}

/** Two gateways and two dbproxies by default, over real MariaDB and Redis, behind nginx with TLS; mTLS in between. */
export class Cluster implements AsyncDisposable {
  readonly gateways: Member[] = [];
  readonly dbproxies: Member[] = [];
  nginx!: Nginx;
  mariadb!: Mariadb;
  pair: MariadbPair | null = null;
  spider: Spider | null = null;
  redis: RedisServer | null = null;
  redisCluster: RedisCluster | null = null;
  certificates!: CertificateFiles;
  folder!: string;
  #newGateway!: () => Member;

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = new Cluster();
    try {
      await cluster.#start(options);
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What clients connect to. */
  get url(): string {
    return this.nginx.url;
  }

  async #start(options: ClusterOptions): Promise<void> {
    const { ground = "cluster", flavour = "source", fast = false, args = [], between = (_, port) => port } =
      options;
    this.folder = await Deno.makeTempDir({ prefix: "imserver-cluster-" });
    this.certificates = await certificatesIn(this.folder);
    await Deno.writeTextFile(join(this.folder, "keys.json"), formatKeys(generateKeys(Date.now())), {
      mode: 0o600,
    });
    const [database, redis] = await Promise.all([
      this.#startDatabase(ground, fast, options.mariadb),
      this.#startRedis(ground),
    ]);
    const through = (what: Link, url: string) =>
      url.replace(/:(\d+)/g, (_, port) => `:${between(what, Number(port))}`);
    const tls = options.mtls === false ? [] : this.#tlsFlags();
    const replica = database.replica && through("replica", database.replica);
    const shared = { dataDir: join(this.folder, "data"), flavour };
    for (let i = 0; i < (options.dbproxies ?? 2); i++) {
      this.dbproxies.push(
        new Member(({ port, opsPort }) =>
          startProcess({
            ...shared,
            opsPort,
            args: [
              "--mode=dbproxy",
              `--grpc-listen=127.0.0.1:${port}`,
              `--database=${through("database", database.url)}`,
              ...(replica ? [`--replica=${replica}`] : []),
              `--redis=${through("redis", redis)}`,
              ...tls,
              ...options.dbproxyArgs ?? [],
            ],
          })
        ),
      );
    }
    const dbproxies = this.dbproxies.map(({ port }) => `localhost:${between("dbproxy", port)}`);
    this.#newGateway = () =>
      new Member(({ port, opsPort }) =>
        startProcess({
          ...shared,
          port,
          opsPort,
          args: [
            "--mode=gateway",
            `--dbproxy=${dbproxies}`,
            `--redis=${through("redis", redis)}`,
            `--key-file=${join(this.folder, "keys.json")}`,
            "--trusted-proxies=127.0.0.1",
            "--max-connects-per-second=0",
            `--files=file:${join(this.folder, "files")}`,
            ...tls,
            ...args,
          ],
        })
      );
    for (let i = 0; i < (options.gateways ?? 2); i++) this.gateways.push(this.#newGateway());
    await this.startMembers();
    await Deno.mkdir(join(this.folder, "nginx"));
    this.nginx = await Nginx.start({
      folder: join(this.folder, "nginx"),
      gateways: this.gateways.map(({ port }) => between("gateway", port)),
      cert: this.certificates.cert,
      key: this.certificates.key,
      site: options.site ?? NO_LIMITS,
    });
  }

  async #startDatabase(
    ground: Ground,
    fast: boolean,
    settings: readonly string[] = [],
  ): Promise<{ url: string; replica?: string }> {
    if (ground === "spider") {
      this.spider = await Spider.start({ fast });
      this.mariadb = this.spider.front;
      return { url: await this.spider.database("chat") };
    }
    if (ground !== "replica") {
      this.mariadb = await Mariadb.start({ fast, settings });
      return { url: await this.mariadb.database("chat") };
    }
    this.pair = await MariadbPair.start({ fast });
    this.mariadb = this.pair.primary;
    const [url, replica] = await this.pair.database("chat");
    return { url, replica };
  }

  async #startRedis(ground: Ground): Promise<string> {
    if (ground === "redis-cluster") return (this.redisCluster = await RedisCluster.start()).url;
    return (this.redis = await RedisServer.start()).url;
  }

  #tlsFlags(): string[] {
    const { ca, cert, key } = this.certificates;
    return [`--grpc-tls-ca=${ca}`, `--grpc-tls-cert=${cert}`, `--grpc-tls-key=${key}`];
  }

  /** Our own processes, those first that others need. */
  get members(): Member[] {
    return [...this.dbproxies, ...this.gateways];
  }

  /** What all processes wrote, for a test that failed. */
  output(): string {
    return this.members.map((member, i) => `--- ${i}\n${member.server.output()}`).join("\n");
  }

  /** Starts our own processes, until every gateway can be sent traffic: one that listens may have no dbproxy yet. */
  async startMembers(): Promise<void> {
    await Promise.all(this.members.map((member) => member.start()));
    await Promise.all(this.gateways.map(({ server }) => until("a gateway is ready", () => isReady(server))));
  }

  /** Scales out: one more, which nginx sends people to once it is ready. */
  async addGateway(): Promise<void> {
    const gateway = this.#newGateway();
    await gateway.start();
    await until("the new gateway is ready", () => isReady(gateway.server));
    this.gateways.push(gateway);
    await this.nginx.useGateways(this.gateways.map(({ port }) => port));
  }

  /** Scales in: nginx sends nobody to the oldest any more, which then sends its people away and ends. */
  async removeGateway(): Promise<{ code: number; tookMs: number }> {
    const gateway = this.gateways.shift()!;
    await this.nginx.useGateways(this.gateways.map(({ port }) => port));
    return await gateway.stop();
  }

  /** Ends everything where nobody can wait for it any more. */
  abandon(): void {
    this.nginx?.signal("SIGTERM");
    const stores = [
      this.mariadb,
      this.pair?.replica,
      ...this.spider?.nodes ?? [],
      this.redis,
      ...this.redisCluster?.nodes ?? [],
    ].filter((one) => one !== null && one !== undefined);
    for (const store of stores) store.signal("SIGKILL");
    for (const folder of [this.folder, ...stores.map((one) => one.folder)]) {
      try {
        Deno.removeSync(folder, { recursive: true });
      } catch {
        // A process on its way out may still write.
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.nginx?.stop();
    await Promise.all(this.members.map((member) => member.stop("SIGKILL").catch(() => {})));
    await Promise.all([
      (this.pair ?? this.spider ?? this.mariadb)?.remove(),
      this.redis?.remove(),
      this.redisCluster?.remove(),
    ]);
    if (this.folder) await Deno.remove(this.folder, { recursive: true });
  }
}
