import { freePort } from "./processes.ts";
import { Mariadb, type MariadbOptions } from "./mariadb.ts";
import { until } from "./processes.ts";

/** A MariaDB primary and a replica that follows it by GTID. */
export class MariadbPair {
  #databases = 0;

  private constructor(readonly primary: Mariadb, readonly replica: Mariadb) {}

  static async start(options: Pick<MariadbOptions, "fast"> = {}): Promise<MariadbPair> {
    const primary = await Mariadb.start({
      ...options,
      settings: ["--server-id=1", "--log-bin=binlog", "--binlog-format=ROW", "--gtid-strict-mode=1"],
    });
    await primary.query("CREATE USER replicator@'127.0.0.1' IDENTIFIED BY 'replicate'");
    await primary.query("GRANT REPLICATION SLAVE ON *.* TO replicator@'127.0.0.1'");
    const replica = await Mariadb.start({
      ...options,
      port: freePort(),
      settings: [
        "--server-id=2",
        "--log-bin=binlog",
        "--log-slave-updates=1",
        "--read-only=1",
        "--slave-parallel-threads=4",
        "--slave-parallel-mode=optimistic",
        "--slave-net-timeout=5",
        "--gtid-strict-mode=1",
      ],
    });
    const pair = new MariadbPair(primary, replica);
    await pair.follow();
    return pair;
  }

  /** Makes the replica follow the primary from the beginning, or from where it is. */
  async follow(): Promise<void> {
    await this.replica.query(
      `CHANGE MASTER TO master_host = '127.0.0.1', master_port = ${this.primary.port}, master_user = 'replicator',
       master_password = 'replicate', master_use_gtid = slave_pos, master_connect_retry = 1`,
    );
    await this.replica.query("START SLAVE");
  }

  /** A new database on both; answers the URLs, the primary's first. */
  async database(name = `pair${++this.#databases}`): Promise<[string, string]> {
    const url = await this.primary.database(name);
    await this.caughtUp();
    return [url, this.replica.url(name)];
  }

  /** Waits until the replica has all that the primary has now. */
  async caughtUp(): Promise<void> {
    const [{ gtid }] = await this.primary.query<{ gtid: string }>("SELECT @@gtid_binlog_pos AS gtid");
    await until("the replica has caught up", async () => {
      const [{ late }] = await this.replica.query<{ late: number }>(
        `SELECT MASTER_GTID_WAIT('${gtid}', 5) AS late`,
      );
      return late === 0;
    });
  }

  /** How many SELECTs the replica has answered. */
  async readsOfReplica(): Promise<number> {
    const [{ Value }] = await this.replica.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Com_select'");
    return Number(Value);
  }

  async remove(): Promise<void> {
    await Promise.all([this.primary.remove(), this.replica.remove()]);
  }
}
