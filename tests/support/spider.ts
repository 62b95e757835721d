import { migrate } from "../../data/sql/migrate.ts";
import { openMysql } from "../../data/sql/mysql.ts";
import { SHARD_KEYS } from "../../migrations/shard_keys.ts";
import { Mariadb, type MariadbOptions } from "./mariadb.ts";

/**
 * A MariaDB front, and behind it two data nodes over which its Spider engine divides the tables that grow, each by its
 * shard key. The other tables lie on the first node. docs/sharding.md says why each setting is needed.
 */
export class Spider {
  #databases = 0;

  private constructor(readonly front: Mariadb, readonly nodes: readonly Mariadb[]) {}

  static async start(options: Pick<MariadbOptions, "fast"> = {}): Promise<Spider> {
    const [front, ...nodes] = await Promise.all([
      Mariadb.start({ ...options, settings: FRONT_SETTINGS }),
      // Spider tells the parts of one transaction apart by host and not by port.
      ...["127.0.0.1", "127.0.0.1,127.0.0.2"].map((hosts) =>
        Mariadb.start({ ...options, settings: [`--bind-address=${hosts}`] })
      ),
    ]).catch((error) => {
      throw new Error(`${error.message}\nIs Spider missing? Run \`apt-get install mariadb-plugin-spider\``);
    });
    for (const node of nodes) {
      await node.query("CREATE USER spider@'127.0.0.%' IDENTIFIED BY 'spider'");
      await node.query("GRANT ALL ON *.* TO spider@'127.0.0.%'");
    }
    return new Spider(front, nodes);
  }

  /** A new database with its tables made on all three; answers the front's URL. */
  async database(name = `spider${++this.#databases}`): Promise<string> {
    for (const [i, node] of this.nodes.entries()) {
      const storage = openMysql(await node.database(name));
      await migrate(storage).finally(() => storage.close());
      await this.front.query(
        `CREATE SERVER ${name}_${i} FOREIGN DATA WRAPPER mysql OPTIONS
         (HOST '127.0.0.${i + 1}', PORT ${node.port}, USER 'spider', PASSWORD 'spider', DATABASE '${name}')`,
      );
    }
    const url = await this.front.database(name);
    const tables = await this.nodes[0].query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${name}'`,
    );
    for (const { name: table } of tables) {
      const [made] = await this.nodes[0].query<Record<string, string>>(`SHOW CREATE TABLE ${table}`, name);
      await this.front.query(this.#frontTable(name, table, made["Create Table"]), name);
    }
    return url;
  }

  /** The statement that makes the front's table, which stands for those of the nodes. */
  #frontTable(database: string, table: string, made: string): string {
    if (table === ON_THE_FRONT) return made;
    const columns = made.slice(0, made.lastIndexOf(") ENGINE="));
    const link = (node: number) => `COMMENT = 'wrapper "mysql", srv "${database}_${node}", table "${table}"'`;
    const key = SHARD_KEYS[table];
    if (!key) return `${columns}) ENGINE = SPIDER ${CHARSET} ${link(0)}`;
    const parts = this.nodes.map((_, i) => `PARTITION p${i} ${link(i)} ENGINE = SPIDER`);
    return `${columns}) ENGINE = SPIDER ${CHARSET} PARTITION BY HASH (${key}) (${parts})`;
  }

  /** Where the rows of a database lie. */
  stores(database: string): string[] {
    return [this.front, ...this.nodes].map((server) => server.url(database));
  }

  /**
   * After a crash of any of them: what was prepared on a node and neither committed nor rolled back holds its locks for
   * ever. Its fate stands in the front's list, which is read while nobody else can connect: the ids begin anew.
   */
  async recover(): Promise<void> {
    await this.front.stop();
    const doubtful = await Promise.all(this.nodes.map((node) => node.query<Xa>("XA RECOVER")));
    await this.front.run(["--skip-networking"]);
    const decided = await this.front.query<{ data: string; status: string }>(
      "SELECT HEX(data) AS data, status FROM mysql.spider_xa",
    );
    const committed = new Set(decided.filter(({ status }) => status === "COMMIT").map(({ data }) => data));
    for (const [i, xas] of doubtful.entries()) {
      for (const { data, gtrid_length, formatID } of xas) {
        const [hex, length] = [data.toString("hex"), gtrid_length * 2];
        const id = `X'${hex.slice(0, length)}', X'${hex.slice(length)}', ${formatID}`;
        const isCommitted = [...committed].some((one) => one.startsWith(hex.toUpperCase()));
        const end = this.nodes[i].query(`XA ${isCommitted ? "COMMIT" : "ROLLBACK"} ${id}`);
        // XA_RBROLLBACK: it had been rolled back already, and is forgotten now.
        await end.catch((error) => error.errno === 1402 || Promise.reject(error));
      }
    }
    for (const table of ["spider_xa", "spider_xa_member"]) {
      await this.front.query(`DELETE FROM mysql.${table}`);
    }
    await this.front.stop();
    await this.front.run();
  }

  /** Rows of a table on each node. */
  rows(database: string, table: string): Promise<number[]> {
    const count = (node: Mariadb) =>
      node.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`, database);
    return Promise.all(this.nodes.map(async (node) => (await count(node))[0].n));
  }

  async remove(): Promise<void> {
    await Promise.all([this.front, ...this.nodes].map((server) => server.remove()));
  }
}

interface Xa {
  formatID: number;
  gtrid_length: number;
  data: Uint8Array & { toString(encoding: "hex"): string };
}

const CHARSET = "DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin";

/** Full text goes wrong through Spider: of two statements on one connection the second is written behind the first. */
const ON_THE_FRONT = "search_docs";

const FRONT_SETTINGS = [
  "--plugin-load-add=ha_spider",
  // A transaction over several nodes is stored by all of them or by none.
  "--spider-internal-xa=1",
  // Without it a row that is there already takes the columns of the statement for all of the table's.
  "--spider-direct-dup-insert=1",
  // Without it a LIMIT goes to the nodes without the conditions that come before it.
  "--optimizer-switch=engine_condition_pushdown=on",
];
