import { parseArgs } from "node:util";
import { runSeed, type RunSize, SMALL } from "./checker.ts";
import { fuzzServer } from "../attacks/fuzz_server.ts";
import { idleThenGoAway } from "../cluster/goaway.ts";
import { revokedWithoutRedis } from "../cluster/revocation.ts";
import { runProcesses } from "./processes.ts";

/**
 * `deno task soak --minutes=60`: worlds of fresh seeds, each round a little larger than the one before, and between
 * the rounds real processes. With six minutes or more, gateways that rest for 60, 120 and 270 s meet a dbproxy that
 * stops, first; then a session is revoked with Redis away. With an hour or more, or `--fuzz=COUNT`, a server is sent
 * a million (so many) inputs that nobody sane would send. Prints every failure with what replays it; ends with 1 if there was one.
 */
const { values } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, fuzz: { type: "string" } },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error("--minutes must be a number above 0");
  Deno.exit(2);
}
const endMs = Date.now() + minutes * 60_000;
const SEEDS_A_ROUND = 200;
const LARGEST = 10;

let [ran, failed, processes] = [0, 0, 0];
// Every soak begins somewhere else; the seeds of the tests are below a million.
let seed = 1_000_000 + Math.floor(Math.random() * 1e9);

if (minutes >= 6) {
  const rests = [60, 120, 270];
  const outcomes = await Promise.allSettled(rests.map((seconds) => idleThenGoAway(seconds * 1000)));
  outcomes.forEach((outcome, i) => {
    if (outcome.status === "rejected") {
      report(`gateways that rested for ${rests[i]} s`, [String(outcome.reason)]);
    } else console.log(`gateways that rested for ${rests[i]} s served again after ${outcome.value} ms`);
  });
}

if (minutes >= 6) {
  await revokedWithoutRedis().then(
    (ms) => console.log(`a session revoked with Redis away was closed after ${Math.round(ms)} ms`),
    (error) => report("a session revoked with Redis away", [String(error)]),
  );
}

const inputs = Number(values.fuzz ?? (minutes >= 60 ? 1_000_000 : 0));
if (inputs > 0) {
  const { wrong, grownMiB } = await fuzzServer({ seed, inputs });
  console.log(`${inputs} inputs of seed ${seed}: the server grew by ${grownMiB} MiB`);
  if (wrong.length > 0) {
    report(`IMSERVER_SEED=${seed} IMSERVER_FUZZ_INPUTS=${inputs} deno task test:attacks`, wrong);
  }
}

for (let round = 0; Date.now() < endMs; round++) {
  const size = sizeOf(round);
  for (let i = 0; i < SEEDS_A_ROUND && Date.now() < endMs; i++, seed++) {
    const { broken } = await runSeed(seed, size);
    ran += 1;
    if (broken.length > 0) {
      report(`deno task seed --deeds=${size.deeds} --users=${size.users} ${seed}`, broken);
    }
  }
  if (Date.now() >= endMs) break;
  const writes = 250 * (1 + round % 4);
  const broken = await runProcesses({ seed, flavour: "dist", writes, kills: 3 + round % 4 });
  processes += 1;
  if (broken.length > 0) {
    report(`real processes with seed ${seed}: time decides, so it may not come again`, broken);
  }
  console.log(`round ${round + 1}: ${ran} seeds, ${processes} times real processes, ${failed} failed`);
}

console.log(`${ran} seeds and ${processes} times real processes in ${minutes} minutes: ${failed} failed`);
Deno.exit(failed > 0 ? 1 : 0);

function sizeOf(round: number): RunSize {
  const larger = 1 + Math.min(round, LARGEST);
  return { ...SMALL, users: SMALL.users + round % 5, deeds: SMALL.deeds * larger };
}

function report(how: string, broken: string[]): void {
  failed += 1;
  console.log(`FAILED: ${how}\n  ${broken.slice(0, 5).join("\n  ")}`);
}
