import mysql from "mysql2";
import { type Child, freePort, programOf, runToEnd, spawn, until } from "./processes.ts";

/** A real MariaDB server of the tests' own: a free port, its data in a folder that goes with it. */

export interface MariadbOptions {
  /** 127.0.0.1:port when it must be the same again. */
  port?: number;
  /** More settings of mariadbd, as on its command line. */
  settings?: readonly string[];
  /** Data in memory and no fsync: for tests that are about SQL and not about crashes. */
  fast?: boolean;
}

const COLLATION = "utf8mb4_nopad_bin";

export class Mariadb {
  #child: Child | null = null;
  #databases = 0;

  private constructor(readonly port: number, readonly folder: string, readonly settings: readonly string[]) {}

  static async start(
    { port = freePort(), settings = [], fast = false }: MariadbOptions = {},
  ): Promise<Mariadb> {
    const base = fast && await isFolder("/dev/shm") ? "/dev/shm" : undefined;
    const folder = await Deno.makeTempDir({ prefix: "imserver-mariadb-", dir: base });
    await runToEnd("mariadb-install-db", [
      "--no-defaults",
      `--user=${Deno.uid() === 0 ? "root" : ""}`,
      `--datadir=${folder}/data`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
    ], { TMPDIR: await temporary(folder) }).catch((error) => {
      if (error instanceof Deno.errors.NotFound) {
        throw new Error("MariaDB is missing: run `apt-get install mariadb-server` as root");
      }
      throw error;
    });
    const quick = fast ? ["--innodb-flush-log-at-trx-commit=0"] : [];
    const server = new Mariadb(port, folder, [...quick, ...settings]);
    await server.run();
    return server;
  }

  /** Starts the process, on the data there is, with further settings for this once. */
  async run(further: readonly string[] = []): Promise<void> {
    const { port, folder } = this;
    this.#child = spawn(programOf("mariadbd"), {
      args: [
        "--no-defaults",
        ...(Deno.uid() === 0 ? ["--user=root"] : []),
        `--datadir=${folder}/data`,
        `--tmpdir=${folder}/tmp`,
        `--socket=${folder}/socket`,
        `--pid-file=${folder}/pid`,
        "--bind-address=127.0.0.1",
        `--port=${port}`,
        "--innodb-buffer-pool-size=64M",
        "--skip-name-resolve",
        "--max-connections=300",
        ...this.settings,
        ...further,
      ],
    });
    const child = this.#child;
    await until("MariaDB answers", () => this.query("SELECT 1").then(() => true)).catch((error) => {
      throw new Error(`${error.message}\n${child.output()}`);
    });
  }

  url(database: string): string {
    return `mysql://root@127.0.0.1:${this.port}/${database}`;
  }

  /** A new, empty database; answers its URL. */
  async database(name = `db${++this.#databases}`): Promise<string> {
    await this.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE ${COLLATION}`);
    return this.url(name);
  }

  /** Runs one statement, as root, on a connection of its own by the socket. */
  query<R = Record<string, unknown>>(sql: string, database?: string): Promise<R[]> {
    const connection = mysql.createConnection({
      socketPath: `${this.folder}/socket`,
      user: "root",
      database,
      supportBigNumbers: true,
      connectTimeout: 2_000,
    });
    return new Promise((resolve, reject) => {
      connection.on("error", () => {});
      connection.query(sql, (error, rows) => {
        if (error) {
          connection.destroy();
          reject(error);
        } else connection.end(() => resolve(rows as unknown as R[]));
      });
    });
  }

  get pid(): number {
    return this.#child!.pid;
  }

  signal(signal: Deno.Signal): void {
    this.#child?.signal(signal);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#child?.end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#child?.end("SIGTERM");
  }

  /** The end of it, with its data. */
  async remove(): Promise<void> {
    await this.#child?.end("SIGKILL");
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A starting server takes the temporary tables of any other one for leftovers, and deletes them. */
async function temporary(folder: string): Promise<string> {
  await Deno.mkdir(`${folder}/tmp`);
  return `${folder}/tmp`;
}

function isFolder(path: string): Promise<boolean> {
  return Deno.stat(path).then((info) => info.isDirectory, () => false);
}
