import assert from "node:assert/strict";
import { join } from "node:path";
import { register, rest } from "../support/people.ts";
import { startServer, tempFolder } from "../support/server.ts";
import { makeConsumer } from "./consumer.ts";

/** What `npm pack` makes of dist/sdk, in somebody else's project. */

const PROGRAM = `
import { createClient, openOutbox, openView, ImError } from "imserver-sdk";
const WebSocket = process.argv[5] === "ws" ? (await import("ws")).default : undefined;
const [baseUrl, accessToken, peerId] = process.argv.slice(2);
const client = createClient({ baseUrl, accessToken, WebSocket });
const userId = await client.online(AbortSignal.timeout(10_000));
const { id: conversationId } = await client.call("conversation.openDirect", { userId: peerId });
const outbox = openOutbox(client, { userId });
const view = openView(client, { conversationId, outbox });
await view.load();
const heard = new Promise((resolve) => view.on("message", resolve));
outbox.add(conversationId, { type: "text", text: "from Node" });
console.log("heard", (await heard).content.text, view.pending.length);
await client.call("user.get", { userId: "999" }).catch((error) =>
  console.log(error instanceof ImError, error.code));
for (const part of [view, outbox, client]) part.close();
`;

const TYPED = `
import WebSocket from "ws";
import {
  type Client, type ClientState, createClient, ERRORS, type ErrorCode, follow, ImError, type Input,
  MemoryOutboxStore, openOutbox, openView, type Output, type OutboxStore, type ViewMessage,
} from "imserver-sdk";

const client: Client = createClient({ baseUrl: "http://127.0.0.1", WebSocket });
const store: OutboxStore = new MemoryOutboxStore();
export async function use(signal: AbortSignal): Promise<string> {
  const login: Output<"auth.login"> = await client.call("auth.login", { username: "a", password: "b" }, { signal });
  const send: Input<"message.send"> = { conversationId: "1", clientId: "c", content: { type: "text", text: "t" } };
  const { seq, at }: { seq: number; at: number } = await client.call("message.send", send);
  const outbox = openOutbox(client, { userId: login.user.id, store });
  const view = openView(client, { conversationId: "1", outbox, signal });
  view.on("message", (message: ViewMessage) => message.reactions.map(({ emoji, userIds }) => emoji + userIds));
  client.on("log.append", ({ entries }) => entries.map(({ kind }) => kind satisfies string));
  client.on("state", (state: ClientState) => state.state === "ended" && state.error.code satisfies ErrorCode);
  follow(client, { onEntry: async (conversationId: string, entry) => void entry.seq, signal });
  // @ts-expect-error: there is no such operation
  await client.call("message.shout", {});
  // @ts-expect-error: a message needs a content
  await client.call("message.send", { conversationId: "1", clientId: "c" });
  // @ts-expect-error: an answer is no any
  (await client.call("user.me", {})).nonsense;
  return new ImError("not_found").details.field ?? ERRORS.blocked.advice + seq + at;
}
`;

const consumer = await makeConsumer();
addEventListener("unload", () => consumer[Symbol.dispose]());

Deno.test("the package holds what it needs, and nothing more", async () => {
  const root = `${consumer.path}/node_modules/imserver-sdk`;
  const manifest = JSON.parse(await Deno.readTextFile(`${root}/package.json`));
  assert.deepEqual([manifest.dependencies, manifest.type], [undefined, "module"]);
  const names = Array.from(Deno.readDirSync(root), ({ name }) => name).toSorted();
  assert.deepEqual(names, ["LICENSE", "README.md", "imserver.js", "package.json", "protocol.md", "types"]);
  const types = Array.from(Deno.readDirSync(`${root}/types/sdk`), ({ name }) => name);
  assert(types.includes("mod.d.ts") && !types.some((name) => name.includes("test")), `${types}`);
});

Deno.test("the package is typed: tsc accepts what is right and refuses what is wrong", async () => {
  await consumer.write("use.ts", TYPED);
  const tsc = join(new URL(".", import.meta.resolve("typescript")).pathname, "tsc.js");
  const strict = { strict: true, noEmit: true, target: "es2023", types: ["node"] };
  const projects = {
    // Checks our declarations too, and with them those of Node; once is enough.
    node: { ...strict, skipLibCheck: false, module: "nodenext", lib: ["es2023"] },
    web: {
      ...strict,
      skipLibCheck: true,
      module: "esnext",
      moduleResolution: "bundler",
      lib: ["es2023", "dom"],
    },
  };
  await Promise.all(
    Object.entries(projects).map(async ([name, compilerOptions]) => {
      await consumer.write(`${name}.json`, JSON.stringify({ compilerOptions, files: ["use.ts"] }));
      const { code, output } = await consumer.run("node", tsc, "-p", `${name}.json`);
      assert.equal(code, 0, output);
    }),
  );
});

Deno.test("the package runs in Node, with the WebSocket of ws and with Node's own", async () => {
  await consumer.write("program.mjs", PROGRAM);
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const [alice, bob] = [await register(server.url), await register(server.url)];
  const { output: version } = await consumer.run("node", "--version");
  // Node 20 has its own behind a flag; newer ones know the flag no more.
  const flags = /^v20\./.test(version) ? ["--experimental-websocket"] : [];
  for (const [how, more] of [["ws", []], ["own", flags]] as const) {
    const args = [...more, "program.mjs", server.url, alice.accessToken, bob.id, how];
    const { code, output } = await consumer.run("node", ...args);
    assert.deepEqual([code, output.match(/^(?:heard|true).*/gm)], [0, [
      "heard from Node 0",
      "true user_not_found",
    ]], output);
  }
  const { id } = await rest(server.url, "conversation.openDirect", { userId: alice.id }, bob.accessToken);
  const { entries } = await rest(server.url, "log.read", { conversationId: id }, bob.accessToken);
  assert.deepEqual(entries.map(({ content }) => content.text), ["from Node", "from Node"]);
});
