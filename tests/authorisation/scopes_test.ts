import assert from "node:assert/strict";
import { type OperationName, operations } from "../../wire/operations.ts";
import { botAccessOf, type Scope, SCOPES, suffices } from "../../wire/scopes.ts";
import { freshName, type Person, register, rest, Wire } from "../support/people.ts";
import { ask } from "./ask.ts";
import { type Case, casesOf } from "./row.ts";
import { rows } from "./rows.ts";
import { type Actor, logIn, openScene, type Scene } from "./scene.ts";

/** What a bot's token reads: with each scope alone, in every answer and every push. */

const DRAFT = "of the draft";
/** All that the scene's people write in messages; nothing else is called so. */
const SAID = ["of the owner", "of the actor", "between us", DRAFT];

let scene: Scene;

Deno.test.beforeAll(async () => {
  scene = await openScene();
});

Deno.test.afterAll(async () => await scene?.[Symbol.asyncDispose]());

/** Whether there is what a message says in it, whatever it stands in. */
function showsMessages(value: unknown): boolean {
  if (typeof value === "string") return SAID.includes(value);
  if (typeof value !== "object" || value === null) return false;
  const { type, text } = value as { type?: unknown; text?: unknown };
  return (type === "text" && text !== undefined) || Object.values(value).some(showsMessages);
}

/** An admin in the scene's group, with a bot's token for everything; what it has been told stands in a direct one too. */
async function robot(): Promise<
  { actor: Actor; world: Scene; tokenFor: (scopes: Scope[]) => Promise<Person> }
> {
  const { url, call, owner, extra } = scene;
  const username = freshName("bot");
  const { id } = await call(owner, "bot.create", { username });
  const tokenFor = async (scopes: Scope[]) => {
    const { secret } = await call(owner, "bot.createToken", { botId: id, name: "t", scopes });
    return { id, username, accessToken: secret, refreshToken: "" };
  };
  const person = await tokenFor([...SCOPES]);
  const actor: Actor = { kind: "groupAdmin", id, person, wire: null };
  const room = await scene.freshRoom(actor);
  await rest(url, "conversation.configure", { conversationId: room.id, draft: DRAFT }, person.accessToken);
  const direct = await call(person, "conversation.openDirect", { userId: extra.id });
  await call(person, "conversation.configure", { conversationId: direct.id, draft: DRAFT });
  const content = { type: "text", text: "between us" } as const;
  await call(extra, "message.send", { conversationId: direct.id, clientId: "1", content });
  return { actor, world: { ...scene, room }, tokenFor };
}

/** Every operation that these scopes are enough for, called each way the matrix knows: those that showed messages. */
async function shown(...scopes: Scope[]): Promise<Set<string>> {
  const { actor, world, tokenFor } = await robot();
  const person = await tokenFor(scopes);
  const found = new Set<string>();
  let answered = 0;
  const tryAll = async <N extends OperationName>(name: N) => {
    for (const one of casesOf<N>(rows[name]) as readonly Case<N>[]) {
      const input = await one.input(world, actor);
      const wire = await Wire.open(world.url, person.accessToken);
      for (const door of ["REST", "WebSocket"] as const) {
        const { code, said } = await ask(world.url, door, { ...actor, person, wire }, name, input);
        assert.ok(!["scope_missing", "unauthenticated"].includes(code), `${name}: ${code}`);
        if (code === "ok") answered += 1;
        if (code === "ok" && showsMessages(said)) found.add(name);
      }
      await wire.close();
    }
  };
  for (const name of Object.keys(operations) as OperationName[]) {
    const { access } = operations[name];
    const needed = botAccessOf(name, operations[name]);
    if (access === "user" && suffices(scopes, needed)) await tryAll(name);
  }
  assert.ok(answered > 5, `${scopes}: only ${answered} calls were answered`);
  return found;
}

Deno.test("without messages:read no operation that answers shows what is in messages", async () => {
  for (const scope of SCOPES.filter((scope) => scope !== "messages:read")) {
    assert.deepEqual([...await shown(scope)], [], scope);
  }
});

Deno.test("with all scopes they do, so that the test before looks in the right places", async () => {
  const found = await shown(...SCOPES);
  const expected = [
    "conversation.get",
    "conversation.list",
    "conversation.openDirect",
    "group.join",
    "log.read",
    "message.edits",
    "message.get",
    "message.history",
    "message.search",
    "sync.heads",
  ];
  assert.deepEqual([...found].sort(), expected);
});

Deno.test("an opened conversation has its last message and draft only for who may read them", async () => {
  const { world, tokenFor } = await robot();
  for (const scopes of [["messages:write"], ["messages:write", "messages:read"]] satisfies Scope[][]) {
    const { accessToken } = await tokenFor(scopes);
    const { lastMessage, settings } = await rest(
      world.url,
      "conversation.openDirect",
      { userId: world.extra.id },
      accessToken,
    );
    const reads = scopes.length > 1;
    assert.deepEqual(
      [lastMessage?.content.text, settings.draft],
      reads ? ["between us", DRAFT] : [undefined, ""],
    );
  }
});

/** What each scope alone is told of; every token hears the rest. */
const HEARD: Record<Scope, string[]> = {
  "messages:read": ["conversation.read", "draft.changed", "log.append", "receipt.moved", "typing.changed"],
  "messages:write": [],
  "groups:manage": [],
  "contacts": ["presence.changed"],
};
const HEARD_BY_ALL = ["inbox.append", "session.ready"];
const IN_INBOX: Record<Scope, string[]> = {
  "messages:read": ["conversation.configured", "conversation.joined", "message.hidden"],
  "messages:write": [],
  "groups:manage": ["group.requested"],
  "contacts": ["block.changed", "friend.changed"],
};

Deno.test("each scope alone is pushed what it is for, and nothing else; inboxes have no holes", async () => {
  const { actor, world, tokenFor } = await robot();
  const { url, call, target, owner, extra, room } = world;
  const all = await Wire.open(url, actor.person!.accessToken);
  const wires = new Map<Scope, Wire>();
  for (const scope of SCOPES) wires.set(scope, await Wire.open(url, (await tokenFor([scope])).accessToken));
  const newcomer = await register(url);
  await call(owner, "group.update", { conversationId: room.id, approval: true });
  for (const wire of [all, wires.get("contacts")!]) {
    await wire.call("presence.subscribe", { userIds: [extra.id] });
  }
  const place = { conversationId: room.id };
  const content = { type: "text", text: "of the owner" } as const;
  const { seq } = await call(target, "message.send", { ...place, clientId: "p", content });
  await call(target, "receipt.delivered", { ...place, seq });
  await call(target, "typing.set", { ...place, on: true });
  await all.call("conversation.markRead", { ...place, seq });
  await all.call("conversation.configure", { ...place, muted: true, draft: DRAFT });
  await all.call("message.delete", { ...place, seqs: [seq] });
  await call(extra, "friend.request", { userId: actor.id });
  await all.call("block.add", { userId: target.id });
  const { code } = await call(owner, "group.createLink", place);
  await call(newcomer, "group.join", { code });
  await call(owner, "group.create", { title: "g", memberIds: [actor.id] });
  const there = await Wire.open(url, (await logIn(url, extra)).accessToken);

  const methods = (wire: Wire) => [...new Set(wire.notifications.map(({ method }) => method))].sort();
  const inbox = (wire: Wire) =>
    wire.notifications.filter(({ method }) => method === "inbox.append")
      .flatMap(({ params }) =>
        params.entries as { seq: number; kind: string; senderId: string; content: unknown }[]
      );
  const kinds = (wire: Wire) => [...new Set(inbox(wire).map(({ kind }) => kind))].sort();
  const everything = [...HEARD_BY_ALL, ...Object.values(HEARD).flat()].sort();
  const everyKind = Object.values(IN_INBOX).flat().sort();
  const complete = () =>
    everything.every((name) => methods(all).includes(name)) &&
    everyKind.every((kind) => kinds(all).includes(kind));
  await all.until(complete).catch(() => {});
  assert.deepEqual([methods(all), kinds(all)], [everything, everyKind]);

  for (const [scope, wire] of wires) {
    // Whatever was pushed before the answer stands before it.
    const { entries } = await wire.call("inbox.read", {});
    assert.deepEqual(methods(wire), [...HEARD_BY_ALL, ...HEARD[scope]].sort(), scope);
    assert.deepEqual(kinds(wire), [...IN_INBOX[scope], "hidden"].sort(), scope);
    assert.deepEqual(inbox(wire).map((entry) => entry.seq), inbox(all).map((entry) => entry.seq), scope);
    assert.equal(showsMessages(wire.notifications), scope === "messages:read", scope);
    const read = entries.filter((entry) => entry.seq >= inbox(wire)[0].seq);
    assert.deepEqual(read, inbox(wire), "inbox.read gives what was pushed");
    for (const { kind, content, senderId } of read) {
      if (kind === "hidden") assert.deepEqual([content, senderId], [{}, actor.id]);
    }
    await wire.close();
  }
  await all.close();
  await there.close();
});
