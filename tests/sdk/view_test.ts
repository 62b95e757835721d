import assert from "node:assert/strict";
import { type Client, type ConversationView, createClient, openView } from "../../sdk/mod.ts";
import { ImError } from "../../wire/errors.ts";
import { eventually } from "../support/browser.ts";
import { type Person, register } from "../support/people.ts";
import { startServer, tempFolder } from "../support/server.ts";

/** The view against a real server: what it made of single changes is what history says was made of all. */

const WORDS = ["hello", "你好", "ok", "later", "why not"];
const EMOJI = ["👍", "🎉"];

/** A number below `below`, the same in each run (mulberry32). */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Two people who do this and that in their conversation; what the server refuses them is no matter. */
class Couple {
  readonly #sent: number[] = [];
  readonly #roll = dice(20_260_401);

  constructor(readonly people: Client[], readonly conversationId: string) {}

  async doSomething(): Promise<void> {
    const [roll, sent, { conversationId }] = [this.#roll, this.#sent, this];
    const client = this.people[roll(2)];
    const content = { type: "text" as const, text: `${WORDS[roll(WORDS.length)]} ${sent.length}` };
    const place = { conversationId, seq: sent[Math.max(0, sent.length - 1 - roll(12))] ?? 1 };
    const reaction = { ...place, emoji: EMOJI[roll(EMOJI.length)] };
    const send = { conversationId, clientId: `${sent.length}`, content };
    const doings = [
      () => client.call("message.send", send).then(({ seq }) => void sent.push(seq)),
      () => client.call("message.edit", { ...place, content }),
      () => client.call("reaction.add", reaction),
      () => client.call("reaction.add", reaction),
      () => client.call("reaction.remove", reaction),
      () => client.call("message.pin", place),
      () => client.call("message.unpin", place),
      () => roll(4) === 0 ? client.call("message.recall", place) : Promise.resolve(),
    ];
    await doings[roll(3) === 0 ? 0 : roll(doings.length)]().catch((error) => {
      if (!(error instanceof ImError)) throw error;
    });
  }
}

/** Without who reacted, which history does not say. */
const told = (view: ConversationView) =>
  view.messages.map((one) => ({ ...one, reactions: one.reactions.map(({ userIds: _, ...rest }) => rest) }));

async function online(baseUrl: string, { accessToken }: Person): Promise<Client> {
  const client = createClient({ baseUrl, accessToken });
  await client.online();
  return client;
}

Deno.test("view: edits, reactions, pins, recalls and deletions as they come are what history tells afterwards", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const people = [await register(server.url), await register(server.url)];
  const [alice, bob] = await Promise.all(people.map((one) => online(server.url, one)));
  const { id: conversationId } = await alice.call("conversation.openDirect", { userId: people[1].id });
  const couple = new Couple([alice, bob], conversationId);
  for (let n = 0; n < 40; n++) await couple.doSomething();

  // One page at first; what happens further up is only known when that page is loaded.
  const view = openView(alice, { conversationId, pageSize: 7 });
  await view.load();
  // A server that does not tell `changedSeq` leaves open whether a page has what is still on its way.
  const caughtUp = async () => {
    const { lastSeq } = await alice.call("conversation.get", { conversationId });
    await eventually(() => Promise.resolve(view.lastSeq), lastSeq);
  };
  for (let n = 40; n < 200; n++) {
    await couple.doSomething();
    if (n % 30 !== 0) continue;
    await caughtUp();
    await view.loadOlder();
  }
  await caughtUp();
  await alice.call("message.delete", { conversationId, seqs: [view.messages[0].seq, view.messages[3].seq] });
  while (view.hasOlder) await view.loadOlder();

  const fresh = openView(alice, { conversationId, pageSize: 200 });
  await fresh.load();
  await eventually(() => Promise.resolve(told(view)), told(fresh));
  assert(view.messages.length > 40, `${view.messages.length}`);
  for (const trait of ["editedAt", "recalledAt", "pinnedAt"] as const) {
    assert(view.messages.some((message) => message[trait] !== undefined), trait);
  }
  assert(view.messages.some(({ reactions }) => reactions.some(({ count }) => count === 2)));
  assert.equal(view.messages.filter(({ content }) => content.type === "hidden").length, 2);
  for (const part of [view, fresh, alice, bob]) part.close();
});
