// node run.mjs <ejabberd|prosody|socketio|socketio2> <s1|s1b|s2|s3|order|all> [runs=3]
// node run.mjs floor        what this machine's disk and MariaDB allow at all
// node run.mjs table        results-<date>.md from raw-<date>.jsonl
import fs from "node:fs";
import os from "node:os";
import { systems } from "./lib/systems.mjs";
import { scenarios } from "./lib/scenarios.mjs";
import { delta, sample, sleep } from "./lib/stats.mjs";
import { here } from "./lib/procs.mjs";

const [name, which = "all", runs = "3"] = process.argv.slice(2);
const date = new Date().toISOString().slice(0, 10);
const raw = here(`raw-${date}.jsonl`);
const label = process.env.LABEL ? `${name}-${process.env.LABEL}` : name;

// This machine is shared. Wait (at most 3 minutes) until the neighbours take little, and mark a run as
// noisy when they (or the hypervisor) took more than 5 % of the two CPUs during it. Noisy runs are repeated,
// at most twice as many runs as asked for, and stay in the raw file.
const NOISE = 0.05 * os.cpus().length;
async function quiet(groups) {
  for (let i = 0; i < 60; i++) {
    const a = sample(groups);
    await sleep(3000);
    const d = delta(a, sample(groups));
    if (d.other / d.secs < NOISE) return;
  }
}

if (name === "floor") await (await import("./lib/floor.mjs")).floor(raw);
else if (name === "table") {
  fs.writeFileSync(
    here(`results-${date}.md`),
    (await import("./lib/table.mjs")).table(raw, date),
  );
} else if (systems[name]) {
  for (const s of which === "all" ? Object.keys(scenarios) : [which]) {
    let sys = null, good = 0;
    const want = scenarios[s].once ? 1 : Math.min(+runs, 10);
    for (let run = 1; run <= want * 2 && good < want; run++) {
      sys ||= await systems[name]();
      await quiet(sys.groups);
      const at = new Date().toISOString(), q = await sys.sql();
      const r = {
        system: label,
        scenario: s,
        run,
        at,
        ...await scenarios[s](sys),
      };
      r.sql = await sys.sql();
      for (const k in q) r.sql[k] -= q[k];
      r.noisy = (r.cpu.other + r.cpu.steal) / r.cpu.secs > NOISE;
      if (!r.noisy) good++;
      fs.appendFileSync(raw, JSON.stringify(r) + "\n");
      console.log(
        JSON.stringify(r, (k, v) => typeof v === "number" ? +v.toFixed(3) : v),
      );
      if (scenarios[s].fresh) {
        await sys.down();
        sys = null;
        await sleep(2000);
      }
    }
    if (sys) await sys.down();
  }
} else {
  console.error(
    "usage: node run.mjs <ejabberd|prosody|socketio|socketio2> <s1|s1b|s2|s3|order|all> [runs] | floor | table",
  );
  process.exit(2);
}
process.exit(0);
