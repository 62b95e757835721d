import * as logTypes from "../../proto/gen/log.ts";
import * as groupTypes from "../../proto/gen/group.ts";
import * as fileTypes from "../../proto/gen/file.ts";
import * as streamTypes from "../../proto/gen/stream.ts";
import * as userTypes from "../../proto/gen/user.ts";
import { type Operation, operations } from "../../wire/operations.ts";
import { Random } from "../faults/random.ts";
import { type Person, register, rest, Wire } from "../support/people.ts";
import { RawSocket } from "../support/raw.ts";
import { hostileInput, hostileText, mutated, NAMES, randomBytes } from "./inputs.ts";

/** One kind of nonsense, sent `count` times; adds to `wrong` what the server should not have answered. */
type Attack = (stage: Stage, random: Random, count: number) => Promise<void>;

interface Stage {
  url: string;
  me: Person;
  /** Ids that exist: some nonsense must come past the first check. */
  real: string[];
  wrong: string[];
}

/** How much of everything there is of each: parts of a hundred. */
const ATTACKS: [share: number, attack: Attack][] = [
  [40, rpc],
  [15, restBodies],
  [8, fileNames],
  [7, frames],
  [30, protobuf],
];

/** Throws so many inputs at a server, the same from the same seed. Answers what it did wrong, which should be nothing. */
export async function fuzz(
  url: string,
  { seed, inputs }: { seed: number; inputs: number },
): Promise<string[]> {
  const random = new Random(seed);
  const [me, other] = [await register(url), await register(url)];
  const group = await rest(url, "group.create", { title: "fuzz", memberIds: [other.id] }, me.accessToken);
  const stage: Stage = { url, me, real: [me.id, other.id, group.id], wrong: [] };
  for (const [share, attack] of ATTACKS) {
    await attack(stage, random.fork(), Math.round(inputs * share / 100));
    // It is still there, and so is the session.
    await rest(url, "user.me", {}, me.accessToken);
  }
  return stage.wrong;
}

const AT_ONCE = 100;

async function rpc({ url, me, real, wrong }: Stage, random: Random, count: number): Promise<void> {
  let wire = await Wire.open(url, me.accessToken);
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    const texts = Array.from({ length: AT_ONCE }, (_, i) => {
      const method = random.chance(0.9) ? random.pick(NAMES)! : hostileText(random);
      const params = Object.hasOwn(operations, method) ? hostileInput(random, method, real) : {};
      const request = { jsonrpc: "2.0", id: `f${i}`, method, params };
      return mutated(random, JSON.stringify(random.chance(0.05) ? [request, request] : request));
    });
    for (const text of texts) wire.socket.send(text);
    const alive = await wire.raw("user.me", {}).then(() => true, () => false);
    for (const { error } of wire.strays.splice(0)) {
      if (error?.data.code === "internal") wrong.push(`rpc: internal, one of ${JSON.stringify(texts)}`);
    }
    wire.notifications.length = 0;
    if (!alive) {
      const { code } = await wire.closed;
      if (code === 1006 || code === 1011) wrong.push(`rpc: closed with ${code}`);
      wire = await Wire.open(url, me.accessToken);
    }
  }
  await wire.close();
}

async function ask({ url, me, wrong }: Stage, method: string, path: string, body?: BodyInit, type?: string) {
  const headers = { authorization: `Bearer ${me.accessToken}`, ...(type && { "content-type": type }) };
  const response = await fetch(`${url}/api/v1${path}`, { method, headers, body });
  const text = await response.text();
  if (response.status >= 500) wrong.push(`${method} ${path} ${String(body).slice(0, 2_000)}: ${text}`);
  return { response, text };
}

async function inRows(count: number, one: () => Promise<unknown>): Promise<void> {
  let left = count;
  await Promise.all(Array.from({ length: 3 }, async () => {
    while (left-- > 0) await one();
  }));
}

async function restBodies(stage: Stage, random: Random, count: number): Promise<void> {
  await inRows(count, async () => {
    const name = random.pick(NAMES)!;
    const { method, path, stream } = (operations as Record<string, Operation>)[name];
    const filled = path.replaceAll(/\{\w+\}/g, () => {
      const part = random.chance(0.5) ? random.pick(stage.real)! : hostileText(random).slice(0, 500);
      return encodeURIComponent(part.toWellFormed());
    });
    if (method === "GET" || method === "DELETE") {
      const query = new URLSearchParams();
      for (const [field, value] of Object.entries(hostileInput(random, name, stage.real))) {
        if (!path.includes(`{${field}}`)) query.append(field, String(JSON.stringify(value)).slice(0, 1_000));
      }
      await ask(stage, method, `${filled}?${query}`.slice(0, 8_000));
    } else if (stream?.body) await ask(stage, method, filled, randomBytes(random, 200));
    else {
      const body = mutated(random, JSON.stringify(hostileInput(random, name, stage.real)));
      const type = random.chance(0.95) ? "application/json" : "text/plain";
      await ask(stage, method, filled, random.chance(0.1) ? randomBytes(random, 200) : body, type);
    }
  });
}

/** A name that is taken comes back in the header of the download, where it must be no header of its own. */
async function fileNames(stage: Stage, random: Random, count: number): Promise<void> {
  await inRows(count, async () => {
    const body = JSON.stringify({ name: hostileText(random), size: 1 });
    const { response, text } = await ask(stage, "POST", "/files", body, "application/json");
    if (response.status !== 200) return;
    const { id } = JSON.parse(text).file;
    await ask(stage, "PUT", `/files/${id}/content?offset=0`, "x");
    await ask(stage, "POST", `/files/${id}/complete`, "{}", "application/json");
    const { response: download } = await ask(stage, "GET", `/files/${id}`);
    if (download.headers.has("set-cookie")) stage.wrong.push(`${body}: a header of its own`);
    await ask(stage, "DELETE", `/files/${id}`);
  });
}

const FRAMES_EACH = 10;

/** Random frames, and what is none, until the server has enough of it; then on a new connection. */
async function frames({ url, me }: Stage, random: Random, count: number): Promise<void> {
  await inRows(Math.ceil(count / FRAMES_EACH), async () => {
    using socket = await RawSocket.open(url, me.accessToken);
    for (let i = 0; i < FRAMES_EACH; i++) {
      const bytes = randomBytes(random, random.chance(0.05) ? 70_000 : 200);
      const options = {
        opcode: random.int(0, 15),
        fin: random.chance(0.8),
        masked: random.chance(0.9),
        reserved: random.chance(0.9) ? 0 : random.int(1, 7),
      };
      const taken = random.chance(0.9) ? await socket.send(bytes, options) : await socket.line.write(bytes);
      if (!taken) break;
    }
  });
}

interface Coder {
  decode(bytes: Uint8Array): unknown;
  encode(message: never): { finish(): Uint8Array };
}

const isCoder = (value: unknown): value is Coder =>
  typeof value === "object" && value !== null && "decode" in value && "encode" in value;

/** What a dbproxy or gateway reads: it is refused with an Error, or is a message that can be written again. */
function protobuf({ wrong }: Stage, random: Random, count: number): Promise<void> {
  const coders = [logTypes, groupTypes, fileTypes, streamTypes, userTypes]
    .flatMap((types) => Object.values<unknown>(types)).filter(isCoder);
  for (let i = 0; i < count; i++) {
    const coder = random.pick(coders)!;
    const bytes = randomBytes(random, 120);
    let message;
    try {
      message = coder.decode(bytes);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof TypeError) wrong.push(`protobuf ${bytes}: ${error}`);
      continue;
    }
    coder.encode(message as never).finish();
  }
  return Promise.resolve();
}
