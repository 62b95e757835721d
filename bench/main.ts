import { cache } from "./cache.ts";
import { catchup } from "./catchup.ts";
import { cluster } from "./cluster.ts";
import { direct, type DirectResult } from "./direct.ts";
import { flood } from "./flood.ts";
import { group } from "./group.ts";
import { history } from "./history.ts";
import { limits } from "./limits.ts";
import { median } from "./proc.ts";
import { search, searchMariadb } from "./search.ts";
import { stalled } from "./stalled.ts";
import { startup } from "./startup.ts";
import { web } from "./web.ts";
import { websocket } from "./websocket.ts";

/**
 * `deno task bench [scenario…] [--json]`: each scenario runs against dist/imserver in a process of its own and
 * prints its figures; a run in which a message was lost, doubled or out of order is void.
 */
const SCENARIOS: Record<string, () => Promise<Record<string, number>>> = {
  startup: async () => ({ ...await startup() }),
  direct: async () => {
    const runs: DirectResult[] = [];
    for (let i = 0; i < 3; i++) {
      runs.push(await direct({ flavour: "dist", pairs: 200, window: 8, seconds: 10 }));
    }
    const of = (pick: (run: DirectResult) => number) => median(runs.map(pick));
    return {
      messagesPerSecond: of((run) => run.messagesPerSecond),
      serverCpuMsPer1000: of((run) => run.cpuMsPer1000),
      ackP50Ms: of((run) => run.p50Ms),
      ackP99Ms: of((run) => run.p99Ms),
      rssMiB: of((run) => run.rssMiB),
    };
  },
  stalled: async () => ({
    ...await stalled({ pairs: 100, socketsEach: 9, stalled: 200, messagesPerSecond: 500, seconds: 20 }),
  }),
  websocket,
  web,
  catchup,
  history,
  group,
  limits,
  flood,
  cluster,
  cache,
  search,
  "search-mariadb": searchMariadb,
};

const names = Deno.args.filter((arg) => !arg.startsWith("--"));
const unknown = names.find((name) => !Object.hasOwn(SCENARIOS, name));
if (unknown) {
  console.error(`There is no scenario "${unknown}": ${Object.keys(SCENARIOS).join(", ")}.`);
  Deno.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(SCENARIOS)) {
  const figures = await SCENARIOS[name]();
  if (Deno.args.includes("--json")) console.log(JSON.stringify({ scenario: name, ...figures }));
  else {
    console.log(name);
    for (const [figure, value] of Object.entries(figures)) console.log(`  ${figure.padEnd(20)} ${value}`);
  }
}
