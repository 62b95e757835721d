/**
 * The model behind docs/scaling.md: how many of each part so many online users need. `deno run bench/capacity.ts` prints
 * its table. What was measured is MEASURED, everything else an assumption that is for the reader to change.
 */

/** Per process, by `deno task bench` (docs/performance.md); medians, 2 shared cores. */
export const MEASURED = {
  /** `idle`, cluster: the gateway's memory for a connection that says nothing. */
  kibPerConnection: 14,
  /** `direct`, cluster: CPU milliseconds per 1,000 messages. */
  cpuMsPer1000: { gateway: 70, dbproxy: 32, mysql: 32, redis: 2 },
  /** `fanout`, cluster: the gateway's CPU milliseconds per 1,000 deliveries in frames of ten. */
  fanoutCpuMsPer1000: 2,
  /** `simulate`: a round of the sweep, µs for each log that moved. */
  sweepUsPerLog: 0.18,
};

export const ASSUMED = {
  /** At the busiest time, of each online user; 36 an hour. */
  messagesPerUserPerSecond: 0.01,
  /** Of ten messages five are in groups; so many of a group are online. */
  groupShare: 0.5,
  onlineInGroup: 20,
  /** One gateway process has one core. */
  connectionsPerGateway: 50_000,
  /** How busy a core may be. */
  load: 0.5,
  /** A MySQL primary of 16 cores with a disk of its own; here one shared two cores with everything and took 10,000. */
  messagesPerPrimary: 20_000,
  /** A row of entries, sends, search and their indexes. */
  bytesPerMessage: 700,
  /** The day's messages are those of so many busy hours. */
  busyHours: 8,
  /** Of the messages of 35 s, the share in logs that did not move otherwise. */
  distinctLogs: 0.5,
  /** µs of all processes for a row of the sweep on its way from the database to a gateway. */
  sweepRowUs: 5,
};

export interface Capacity {
  online: number;
  messagesPerSecond: number;
  gateways: number;
  gatewayGiB: number;
  dbproxyCores: number;
  primaries: number;
  redisCores: number;
  gbPerDay: number;
  deliveriesPerSecond: number;
  sweepCores: number;
}

export function capacity(online: number): Capacity {
  const a = ASSUMED;
  const messages = online * a.messagesPerUserPerSecond;
  const deliveries = messages * (a.groupShare * a.onlineInGroup + (1 - a.groupShare) * 2);
  const cores = (msPer1000: number, perSecond: number) => msPer1000 * perSecond / 1e6 / a.load;
  const byCpu = cores(MEASURED.cpuMsPer1000.gateway, messages) +
    cores(MEASURED.fanoutCpuMsPer1000, deliveries);
  const gateways = Math.ceil(Math.max(2, online / a.connectionsPerGateway, byCpu));
  const movedLogs = messages * 35 * a.distinctLogs;
  return {
    online,
    messagesPerSecond: messages,
    gateways,
    gatewayGiB: (online / gateways) * MEASURED.kibPerConnection / 1024 / 1024,
    dbproxyCores: cores(MEASURED.cpuMsPer1000.dbproxy, messages),
    primaries: Math.max(1, Math.ceil(messages / a.messagesPerPrimary)),
    redisCores: cores(MEASURED.cpuMsPer1000.redis, messages),
    gbPerDay: messages * 3600 * a.busyHours * a.bytesPerMessage / 1e9,
    deliveriesPerSecond: deliveries,
    sweepCores: gateways * movedLogs / 5 * a.sweepRowUs / 1e6,
  };
}

/** As it stands in docs/scaling.md. */
export function capacityTable(): string {
  const rows: [string, (one: Capacity) => number][] = [
    ["messages/s", (one) => one.messagesPerSecond],
    ["deliveries/s", (one) => one.deliveriesPerSecond],
    ["gateway processes", (one) => one.gateways],
    ["GiB of each for connections", (one) => one.gatewayGiB],
    ["cores for dbproxies", (one) => one.dbproxyCores],
    ["MySQL primaries", (one) => one.primaries],
    ["cores for Redis' pub/sub", (one) => one.redisCores],
    ["GB of messages a day", (one) => one.gbPerDay],
    ["cores for the sweep, as it is now", (one) => one.sweepCores],
  ];
  const all = [100_000, 1_000_000, 10_000_000, 100_000_000].map(capacity);
  const cell = (value: number) =>
    (value >= 10 ? Math.round(value) : Math.round(value * 10) / 10).toLocaleString("en-US");
  return [
    `| online users | ${all.map(({ online }) => online.toLocaleString("en-US")).join(" | ")} |`,
    `| --- | ${all.map(() => "---:").join(" | ")} |`,
    ...rows.map(([name, of]) => `| ${name} | ${all.map((one) => cell(of(one))).join(" | ")} |`),
  ].join("\n");
}

if (import.meta.main) console.log(capacityTable());
