import assert from "node:assert/strict";
import { Random } from "../faults/random.ts";
import { PIXEL, uploadFile } from "../support/files.ts";
import { register } from "../support/people.ts";
import { rawHttp, upgradeRequest } from "../support/raw.ts";
import { startProcess, tempFolder } from "../support/server.ts";
import { fuzzServer } from "./fuzz_server.ts";

/** The same inputs each time, so that a change that passed does not fail elsewhere. Others: IMSERVER_SEED, IMSERVER_FUZZ_INPUTS. */
const SEED = Number(Deno.env.get("IMSERVER_SEED") ?? 1);
const INPUTS = Number(Deno.env.get("IMSERVER_FUZZ_INPUTS") ?? 20_000);
Deno.test("20,000 inputs that nobody sane would send: no crash, no failure, no growth", async () => {
  const { wrong, grownMiB } = await fuzzServer({ seed: SEED, inputs: INPUTS });
  assert.deepEqual(wrong, [], `seed ${SEED}`);
  console.log(`  seed ${SEED}: ${INPUTS} inputs, it grew by ${grownMiB} MiB`);
});

Deno.test("40 mutants of a token: none is accepted and none is a failure, at REST, the upgrade and a download", async () => {
  using data = tempFolder();
  await using server = await startProcess({ dataDir: data.path, args: ["--rate-limit-scale=0"] });
  const me = await register(server.url);
  const { accessToken } = me;
  const file = await uploadFile(server.url, me, PIXEL);
  const random = new Random(SEED);
  const statusOf = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${server.url}/api/v1/users/me`, { headers });
    const download = await fetch(server.url + file.url, { headers });
    await Promise.all([response, download].map(({ body }) => body?.cancel()));
    return [
      response.status,
      download.status,
      (await rawHttp(server.url, upgradeRequest(server.url, headers)))?.status,
    ];
  };
  for (let tried = 0; tried < 40;) {
    const mutant = mutantOf(accessToken, random);
    if (mutant === accessToken) continue;
    assert.deepEqual(await statusOf(mutant), [401, 401, 401], `seed ${SEED}: ${mutant}`);
    tried++;
  }
  for (const path of ["/api/v1/users/me", file.url]) {
    const good = await fetch(server.url + path, { headers: { authorization: `Bearer ${accessToken}` } });
    assert.equal(good.status, 200, "the token itself is good");
    await good.body?.cancel();
  }
});

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

/** One place of it changed, lost, doubled, or two of its parts swapped. */
function mutantOf(token: string, random: Random): string {
  const at = random.int(0, token.length - 1);
  const [before, after] = [token.slice(0, at), token.slice(at + 1)];
  const parts = token.split(".");
  return random.pick([
    before + random.pick([...ALPHABET])! + after,
    before + after,
    before + token[at] + token[at] + after,
    before,
    [parts[1], parts[0], parts[2]].join("."),
    [parts[0], parts[1], parts[2].toLowerCase()].join("."),
    `${token}=`,
  ])!;
}
