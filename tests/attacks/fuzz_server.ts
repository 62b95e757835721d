import { residentBytes, startProcess, tempFolder } from "../support/server.ts";
import { fuzz } from "./fuzz.ts";

/** Generous: it is there to find what grows with every input, and the same for 20,000 as for a million. */
const MAY_GROW_BYTES = 600 * 1024 * 1024;

/** So many inputs at a server of its own. Answers what it did wrong, which should be nothing, and by how much it grew. */
export async function fuzzServer(
  size: { seed: number; inputs: number },
): Promise<{ wrong: string[]; grownMiB: number }> {
  using data = tempFolder();
  await using server = await startProcess({
    dataDir: data.path,
    args: ["--rate-limit-scale=0", "--max-connects-per-second=0"],
  });
  const before = await residentBytes(server.pid);
  const wrong = await fuzz(server.url, size);
  if (/unexpected error/.test(server.output())) wrong.push("its log has an unexpected error");
  const grown = await residentBytes(server.pid) - before;
  if (!(grown < MAY_GROW_BYTES)) wrong.push(`it grew by ${grown} bytes`);
  return { wrong, grownMiB: Math.round(grown / 1024 / 1024) };
}
