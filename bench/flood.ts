import { register, rest, Wire } from "../tests/support/people.ts";
import { startServer, tempFolder } from "../tests/support/server.ts";

const SECONDS = 10;
const PER_SECOND = 200;
const LOGINS_AT_ONCE = 100;

/**
 * What a flood of wrong logins costs the chat: ack times of 200 sends a second, in turn without the flood and with it,
 * three times each. The load is on the same machine: with two processors one of them hashes.
 */
export async function flood(): Promise<Record<string, number>> {
  using data = tempFolder();
  await using server = await startServer({
    dataDir: data.path,
    flavour: "dist",
    args: ["--rate-limit-scale=0"],
  });
  const { url } = server;
  const [ann, bob] = [await register(url), await register(url)];
  const wire = await Wire.open(url, ann.accessToken);
  const { id: conversationId } = await rest(
    url,
    "conversation.openDirect",
    { userId: bob.id },
    ann.accessToken,
  );
  let sent = 0;
  const send = async () => {
    const at = performance.now();
    const content = { type: "text", text: "x".repeat(100) } as const;
    await wire.call("message.send", { conversationId, clientId: `c${sent++}`, content });
    return performance.now() - at;
  };
  const quiet: number[] = [];
  const flooded: number[] = [];
  const answers = { hashed: 0, refused: 0 };
  await talk(send, 2);
  for (let run = 0; run < 3; run++) {
    quiet.push(...await talk(send, SECONDS));
    const over = new AbortController();
    const attackers = Array.from({ length: LOGINS_AT_ONCE }, () => attack(url, over.signal, answers));
    flooded.push(...await talk(send, SECONDS));
    over.abort();
    await Promise.all(attackers);
  }
  wire.socket.terminate();
  await server.stop();
  return {
    quietP50Ms: at(quiet, 0.5),
    floodedP50Ms: at(flooded, 0.5),
    quietP99Ms: at(quiet, 0.99),
    floodedP99Ms: at(flooded, 0.99),
    hashesPerSecond: Math.round(answers.hashed / SECONDS / 3),
    refusedPerSecond: Math.round(answers.refused / SECONDS / 3),
  };
}

/** Sends at a rate, whether the last answer has come or not. */
async function talk(send: () => Promise<number>, seconds: number): Promise<number[]> {
  const times: Promise<number>[] = [];
  const from = performance.now();
  for (let n = 0; n < seconds * PER_SECOND; n++) {
    const waitMs = from + n * 1000 / PER_SECOND - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    times.push(send());
  }
  return await Promise.all(times);
}

/** One wrong login after the other; who is refused waits a little, as no attacker would have to. */
async function attack(url: string, signal: AbortSignal, answers: { hashed: number; refused: number }) {
  for (let n = 0; !signal.aborted; n++) {
    const username = `nobody${crypto.randomUUID().slice(0, 8)}`;
    const answer = await fetch(`${url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password: "guess" }),
    });
    await answer.body?.cancel();
    if (answer.status === 401) answers.hashed += 1;
    else {
      answers.refused += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function at(times: number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length * part)] * 10) / 10;
}
