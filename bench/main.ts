import { parseArgs } from "node:util";
import { cache } from "./cache.ts";
import { catchup } from "./catchup.ts";
import { flood } from "./flood.ts";
import { group } from "./group.ts";
import { history } from "./history.ts";
import { limits } from "./limits.ts";
import { loads, runScenario } from "./loads.ts";
import { peers } from "./peers.ts";
import { commitNow, compare, keep, kept, mediansOf } from "./results.ts";
import { search, searchMariadb } from "./search.ts";
import { simulate } from "./simulate.ts";
import { stalled } from "./stalled.ts";
import { startup } from "./startup.ts";
import { web } from "./web.ts";
import { websocket } from "./websocket.ts";

/** Scenarios that measure in a way of their own, and take their medians themselves. */
const OTHERS: Record<string, () => Promise<Record<string, number>>> = {
  startup: async () => ({ ...await startup() }),
  catchup,
  history,
  web,
  stalled: async () => ({
    ...await stalled({ pairs: 100, socketsEach: 9, stalled: 200, messagesPerSecond: 500, seconds: 20 }),
  }),
  websocket,
  group,
  limits,
  flood,
  cache,
  simulate,
  search,
  "search-mariadb": searchMariadb,
};

const NAMES = [...Object.keys(loads), ...Object.keys(OTHERS)];

const USAGE = `deno task bench [scenario…] [--runs=5] [--on=embedded|cluster] [--against=FILE] [--json]
deno task bench peers [scenario…] [--runs=5]
deno task bench compare A B

Each run is against dist/imserver in a process of its own; one in which a message was lost, doubled, changed, out
of order or not stored is void. Results are added to bench/results.jsonl; compare shows the medians of two commits.
--against=FILE runs another imserver, in turn with this one, and shows both. peers runs Socket.IO and ejabberd in turn
with it (bench/peers).

Scenarios: ${NAMES.join(", ")}.`;

/** `deno task bench`: see USAGE. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      runs: { type: "string", default: "5" },
      on: { type: "string" },
      against: { type: "string" },
    },
  });
  if (values.help) return console.log(USAGE);
  if (positionals[0] === "compare") return console.log(compare(kept(), positionals[1], positionals[2]));
  const unknown = positionals.find((name) => name !== "peers" && !NAMES.includes(name));
  if (unknown) throw new Error(`There is no scenario "${unknown}": ${NAMES.join(", ")}.`);
  const runs = Number(values.runs);
  if (!(runs >= 1)) throw new Error("--runs must be a number from 1 on");
  const show = (scenario: string, on: string, columns: Record<string, number>[]) => {
    if (values.json) {
      return console.log(JSON.stringify({ scenario, on, figures: columns[0], against: columns[1] }));
    }
    console.log(`${scenario}, ${on}`);
    for (const figure of Object.keys(columns[0])) {
      console.log(`  ${figure.padEnd(26)}${columns.map((one) => String(one[figure]).padStart(12)).join("")}`);
    }
  };
  const commit = await commitNow();
  const against = values.against && Deno.realPathSync(values.against);
  if (positionals.includes("peers")) {
    const beside = positionals.filter((name) => name !== "peers");
    for (const { scenario, on, commit, figures } of await peers(runs, beside)) {
      show(scenario, `${commit} on ${on}`, [figures]);
    }
    return;
  }
  for (const name of positionals.length > 0 ? positionals : NAMES) {
    if (name in OTHERS) {
      const figures = await OTHERS[name]();
      keep({ commit, scenario: name, on: "", figures });
      show(name, "", [figures]);
    } else {
      for (const on of loads[name].grounds.filter((on) => !values.on || values.on === on)) {
        const [ours, theirs]: Record<string, number>[][] = [[], []];
        for (let run = 0; run < runs; run++) {
          ours.push(await runScenario(name, on));
          keep({ commit, scenario: name, on, figures: ours[run] });
          if (against) theirs.push(await withBinary(against, () => runScenario(name, on)));
        }
        show(name, on, [mediansOf(ours), ...against ? [mediansOf(theirs)] : []]);
      }
    }
  }
}

/** Runs with another program in the place of dist/imserver (tests/support/server.ts). */
async function withBinary<T>(path: string, work: () => Promise<T>): Promise<T> {
  Deno.env.set("IMSERVER_TEST_BINARY", path);
  try {
    return await work();
  } finally {
    Deno.env.delete("IMSERVER_TEST_BINARY");
  }
}

await main().catch((error) => {
  console.error((error as Error).message);
  Deno.exit(2);
});
