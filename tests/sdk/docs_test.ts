import assert from "node:assert/strict";
import type { Scope } from "../../wire/scopes.ts";
import { freshName, register, rest, Wire } from "../support/people.ts";
import { ROOT, startServer, tempFolder } from "../support/server.ts";
import { makeConsumer } from "./consumer.ts";

/** The programs in docs/sdk.md, as they stand there. */

const document = await Deno.readTextFile(`${ROOT}docs/sdk.md`);

function example(name: string): string {
  const found = new RegExp(`<!-- example: ${name} -->\\s+\`\`\`js\\n([^]*?)\`\`\``).exec(document);
  if (!found) throw new Error(`docs/sdk.md has no example ${name}`);
  return found[1];
}

const consumer = await makeConsumer();
addEventListener("unload", () => consumer[Symbol.dispose]());

const PASSWORD = "correct horse battery";
const texts = (wire: Wire) =>
  wire.notifications.filter(({ method }) => method === "log.append")
    .flatMap(({ params }) => params.entries as { content: { text?: string } }[])
    .map(({ content }) => content.text);

Deno.test("docs/sdk.md: the bot is 20 lines, answers each message once, and what came while it was away too", async () => {
  const program = example("echo-bot.mjs");
  assert(program.trimEnd().split("\n").length <= 20, program);
  await consumer.write("echo-bot.mjs", program);
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const [alice, owner] = [await register(server.url), await register(server.url)];
  const bot = await rest(server.url, "bot.create", { username: freshName("echo") }, owner.accessToken);
  const scopes: Scope[] = ["messages:read", "messages:write"];
  const token = { botId: bot.id, name: "here", scopes };
  const made = await rest(server.url, "bot.createToken", token, owner.accessToken);
  const wire = await Wire.open(server.url, alice.accessToken);
  const { id } = await wire.call("conversation.openDirect", { userId: bot.id });
  const say = (text: string) =>
    wire.call("message.send", { conversationId: id, clientId: text, content: { type: "text", text } });
  const start = () =>
    consumer.startWith({ SERVER: server.url, BOT_TOKEN: made.secret }, "node", "echo-bot.mjs");

  await say("early");
  const first = start();
  await wire.until(() => texts(wire).includes("You said: early"));
  await say("now");
  await wire.until(() => texts(wire).includes("You said: now"));
  await first.kill();
  await say("away");
  await using second = start();
  await wire.until(() => texts(wire).includes("You said: away"));
  await say("last");
  await wire.until(() => texts(wire).includes("You said: last"));
  const log = await rest(server.url, "log.read", { conversationId: id }, alice.accessToken);
  assert.deepEqual(
    log.entries.map(({ content }) => content.text),
    ["early", "now", "away", "last"].flatMap((text) => [text, `You said: ${text}`]),
  );
  await second.kill();
  await wire.close();
});

Deno.test("docs/sdk.md: the terminal chat is 40 lines, and two of them talk with each other", async () => {
  const program = example("chat.mjs");
  assert(program.trimEnd().split("\n").length <= 40, program);
  await consumer.write("chat.mjs", program);
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const [alice, bob] = [await register(server.url), await register(server.url)];
  const start = (who: string, friend: string) =>
    consumer.start("node", "chat.mjs", server.url, who, PASSWORD, friend);

  await using left = start(alice.username, bob.username);
  await left.type("hello");
  await left.says(`${alice.username}: hello`);
  await using right = start(bob.username, alice.username);
  await right.says(`${alice.username}: hello`);
  await right.type("你好");
  await left.says(`${bob.username}: 你好`);
  // What is typed right before the end still arrives.
  await left.type("good bye");
  assert.equal(await left.end(), 0);
  await right.says(`${alice.username}: good bye`);
  assert.equal(await right.end(), 0);
});
