import { runSeed, SMALL } from "./checker.ts";

/**
 * `run.ts FROM COUNT …`: runs seeds and says what is wrong. `--first=P1`: to the first that finds P1 broken, which is
 * printed as JSON after the word "result", for a program to read. `--deeds=N --users=N`: other than the usual size.
 */
const option = (name: string) => Deno.args.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1];
const first = option("first");
const size = {
  ...SMALL,
  deeds: Number(option("deeds") ?? SMALL.deeds),
  users: Number(option("users") ?? SMALL.users),
};
const numbers = Deno.args.filter((arg) => !arg.startsWith("--")).map(Number);
const began = performance.now();
let [failed, ran] = [0, 0];
let found: unknown = null;

for (let i = 0; i < numbers.length && !(first !== undefined && found); i += 2) {
  const [from, count = 1] = numbers.slice(i, i + 2);
  for (let seed = from; seed < from + count && !(first !== undefined && found); seed++) {
    const { broken, hash, trace } = await runSeed(seed, size);
    ran += 1;
    if (count === 1 && first === undefined) console.log(`${trace}\n${hash}`);
    if (!broken.some((sentence) => sentence.startsWith(first ?? "P"))) continue;
    failed += 1;
    found = { seed, broken: broken.filter((sentence) => sentence.startsWith(first ?? "P")).slice(0, 5) };
    if (first === undefined) {
      console.log(`seed ${seed}: ${broken.length} broken\n  ${broken.slice(0, 5).join("\n  ")}`);
    }
  }
}

if (first !== undefined) console.log(`result ${JSON.stringify(found)}`);
else console.log(`${ran} seeds, ${failed} failed, ${((performance.now() - began) / ran).toFixed(0)} ms each`);
if (failed > 0) Deno.exit(1);
