import { lookAtMysql, type MysqlFacts } from "../../../data/sql/mysql_look.ts";
import type { Config } from "../../config.ts";
import { type Check, fault, ok, warning } from "./check.ts";
import { judgeClock } from "./clock.ts";
import { missingRights } from "./grants.ts";
import { judgeSchema } from "./schema.ts";

type Said = ReturnType<typeof ok>;

/** Search has three connections of its own; one is left for the operator. */
const OTHER_CONNECTIONS = 4;
const MIN_PACKET_BYTES = 16 * 2 ** 20;

export function mysqlChecks(config: Config): Check[] {
  const { target } = config.database;
  const replicas = (config.replica ?? []).map((url, index) => ({
    name: `replica ${index + 1}`,
    look: async () => await lookAt(url, (facts) => judgeReplica(facts)),
  }));
  const connections = config.databaseConnections;
  return [
    { name: "database", look: () => lookAt(target, (facts) => judgePrimary(facts, { target, connections })) },
    ...replicas,
  ];
}

async function lookAt(url: string, judge: (facts: MysqlFacts) => Said[]): Promise<Said | Said[]> {
  const { host, pathname } = new URL(url);
  const name = `mysql://${host}${pathname}`;
  let facts: MysqlFacts;
  try {
    facts = await lookAtMysql(url);
  } catch (error) {
    return unreachable(name, error instanceof Error ? error.message : String(error));
  }
  return [ok(`${name} answers: ${facts.version}`), ...judge(facts)];
}

/** `why`: the driver's words. */
export function unreachable(name: string, why: string): Said {
  if (/Access denied/.test(why)) {
    return fault(
      `${name} refuses the user or the password`,
      "correct them in --database (in a URL, special characters as %40), or ALTER USER … IDENTIFIED BY in MySQL",
    );
  }
  if (/Unknown database/.test(why)) {
    return fault(
      `${name}: there is no such database`,
      "CREATE DATABASE … CHARACTER SET utf8mb4, or correct the name",
    );
  }
  if (/Too many connections/.test(why)) {
    return fault(`${name} has no connection left`, "raise max_connections, or lower --database-connections");
  }
  const reason = why.replace(/^The database cannot be reached: /, "") || "no answer";
  return fault(
    `${name} cannot be reached (${reason})`,
    "start it, or correct host and port; look at firewalls and TLS",
  );
}

/** What must be so where data is written. */
export function judgePrimary(
  facts: MysqlFacts,
  { target, connections }: { target: string; connections: number },
): Said[] {
  const database = decodeURIComponent(new URL(target).pathname.slice(1));
  const missing = missingRights(facts.grants, database);
  return [
    ...judgeVersion(facts.version),
    ...missing.length === 0 ? [] : [fault(
      `the user lacks rights on ${database}: ${missing.join(", ")}`,
      `GRANT ${missing.join(", ")} ON ${database}.* TO …`,
    )],
    ...judgeSettings(facts, connections),
    ...judgeTables(facts, database),
    judgeClock("the database's clock", facts),
    judgeSchema(facts.schema),
  ];
}

function judgeVersion(version: string): Said[] {
  const [major, minor] = version.split(".").map(Number);
  const isMariadb = /MariaDB/i.test(version);
  const good = isMariadb ? major > 10 || (major === 10 && minor >= 11) : major >= 8;
  return good ? [] : [fault(`version ${version} is too old`, "use MySQL 8.0, MariaDB 10.11 or a newer one")];
}

function judgeSettings({ settings: s }: MysqlFacts, connections: number): Said[] {
  const bad: Said[] = [];
  const unless = (good: boolean, said: Said) => void (good || bad.push(said));
  unless(
    s.innodb_flush_log_at_trx_commit === "1",
    fault(
      `innodb_flush_log_at_trx_commit is ${s.innodb_flush_log_at_trx_commit}: a crash loses messages that were acknowledged`,
      "set innodb_flush_log_at_trx_commit = 1",
    ),
  );
  const logs = s.log_bin === "ON" || s.log_bin === "1";
  unless(
    !logs || s.sync_binlog === "1",
    warning(
      `sync_binlog is ${s.sync_binlog}: after a crash replicas may have other data than the primary`,
      "set sync_binlog = 1",
    ),
  );
  unless(
    !logs || s.binlog_format !== "STATEMENT",
    fault("binlog_format is STATEMENT, with which READ COMMITTED cannot write", "set binlog_format = ROW"),
  );
  unless(
    Number(s.max_connections) >= connections + OTHER_CONNECTIONS,
    fault(
      `max_connections is ${s.max_connections}, and this process alone may open ${
        connections + OTHER_CONNECTIONS
      }`,
      "raise max_connections (so many for each dbproxy), or lower --database-connections",
    ),
  );
  unless(
    Number(s.max_allowed_packet) >= MIN_PACKET_BYTES,
    fault(
      `max_allowed_packet is ${s.max_allowed_packet}: many long messages at once do not fit`,
      "set max_allowed_packet = 64M",
    ),
  );
  unless(
    !/^(ON|1)$/.test(s.read_only),
    fault("the server is read-only: it is a replica, or was made so", "name the primary with --database"),
  );
  return bad;
}

function judgeTables({ characterSet, strangeTables }: MysqlFacts, database: string): Said[] {
  const bad: Said[] = [];
  if (characterSet !== "utf8mb4") {
    bad.push(warning(
      `the database's character set is ${characterSet}; our tables say utf8mb4 themselves, what others make does not`,
      `ALTER DATABASE ${database} CHARACTER SET utf8mb4`,
    ));
  }
  if (strangeTables.length > 0) {
    const names = strangeTables.slice(0, 3).join(", ");
    bad.push(
      fault(`not InnoDB, so without transactions: ${names}`, `give each the engine InnoDB, after a backup`),
    );
  }
  return bad;
}

export function judgeReplica(facts: MysqlFacts): Said[] {
  const isWritable = !/^(ON|1)$/.test(facts.settings.read_only);
  return [
    ...judgeVersion(facts.version),
    ...isWritable
      ? [
        warning(
          "the replica takes writes: a mistake there makes it differ",
          "set read_only = ON on the replica",
        ),
      ]
      : [],
    judgeClock("the replica's clock", facts),
    ...facts.schema.unknown === null ? [] : [judgeSchema(facts.schema)],
  ];
}
