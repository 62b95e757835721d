import assert from "node:assert/strict";
import { ENTRY_KINDS, INBOX_KINDS, type Kinds } from "../../wire/entries.ts";
import type { ImError } from "../../wire/errors.ts";
import { type Idempotency, idempotencyOf } from "../../wire/idempotency.ts";
import { type Input, type Operation, type OperationName, operations } from "../../wire/operations.ts";
import { type Person, rest } from "../support/people.ts";
import { startServer, tempFolder } from "../support/server.ts";
import { linkOf } from "../support/first_admin.ts";
import { ask } from "./ask.ts";
import { openScene, type Scene } from "./scene.ts";
import { type Deed, deedsOf } from "./twice.ts";

/** What a repeat does is what its operation says (wire/idempotency.ts): each is called twice. */

let scene: Scene;

Deno.test.beforeAll(async () => {
  scene = await openScene();
});

Deno.test.afterAll(async () => await scene?.[Symbol.asyncDispose]());

/** How far the logs go in which a call may leave an entry: the conversation's, and the inboxes of those concerned. */
async function places({ actor, input }: Deed): Promise<unknown> {
  const { owner, target, extra } = scene;
  const { conversationId } = input as { conversationId?: string };
  const people = [owner, target, extra, ...(actor.person ? [actor.person] : [])];
  return await Promise.all(people.map(async (person) => {
    const who = { kind: actor.kind, id: person.id, person, wire: null };
    const inbox = await ask(scene.url, "REST", who, "inbox.read", { after: 0, limit: 500 });
    const log = conversationId
      ? await ask(scene.url, "REST", who, "log.read", { conversationId, after: 0, limit: 1 })
      : null;
    return [inbox, log].map((one) => (one?.said as { lastSeq?: number } | undefined)?.lastSeq);
  }));
}

/** What the second call did. */
async function observe(name: OperationName, deed: Deed): Promise<Idempotency | "moved"> {
  const { actor, input, perform } = deed;
  const door = name.startsWith("presence.") ? "WebSocket" : "REST";
  const once = perform
    ? () =>
      perform().then((said) => ({ code: "ok", said }), (error: ImError) => ({ code: error.code, said: null }))
    : () => ask(scene.url, door, actor, name, input as Input<OperationName>);
  const first = await once();
  assert.equal(first.code, "ok", `${name}, ${deed.about}: the first time: ${first.said}`);
  const before = await places(deed);
  const second = await once();
  const same = JSON.stringify(before) === JSON.stringify(await places(deed));
  if (!same) return second.code === "ok" ? "moved" : "harmful";
  if (second.code !== "ok") return `done: ${second.code}` as Idempotency;
  return JSON.stringify(first.said) === JSON.stringify(second.said) ? "same" : "harmless";
}

/** What may be seen of what is declared. An answer that is another one is what `again` says; a log need not move. */
const SEEN: Partial<Record<Idempotency, string[]>> = {
  harmless: ["same", "harmless"],
  "by clientId": ["same"],
  again: ["harmless", "moved"],
};

for (const [name, operation] of Object.entries(operations) as [OperationName, Operation][]) {
  // A GET changes nothing. The refresh token and the first admin's link are below.
  if (operation.method === "GET" || name === "auth.refresh" || name === "auth.setup") continue;
  const declared = idempotencyOf(operation);
  Deno.test(`${name} called twice: ${declared}`, async () => {
    const seen: string[] = [];
    for await (const deed of deedsOf(scene, name)) seen.push(await observe(name, deed));
    const allowed = SEEN[declared] ?? (declared.startsWith("done: ") ? ["same", declared] : [declared]);
    for (const one of seen) assert.ok(allowed.includes(one), `${name} is ${one}, not ${declared}`);
    // Where there is something to be seen, it was.
    const telling = declared === "harmless" || declared.startsWith("done: ") ? declared : seen[0];
    assert.ok(seen.includes(telling), `${name}: of "${declared}" nothing is to be seen, only ${seen}`);
  });
}

Deno.test("auth.refresh called twice: harmful, the session ends", async () => {
  const { url, extra } = scene;
  const login = await rest(url, "auth.login", {
    username: extra.username,
    password: "correct horse battery",
  });
  const once = () => rest(url, "auth.refresh", { refreshToken: login.refreshToken! });
  const { accessToken } = await once();
  await assert.rejects(once(), { code: "refresh_reused" });
  await assert.rejects(rest(url, "user.me", {}, accessToken), { code: "session_ended" });
  assert.equal(idempotencyOf(operations["auth.refresh"]), "harmful");
});

Deno.test("auth.setup called twice: done: setup_token_invalid", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const input = { token: await linkOf(server), username: "boss", password: "correct horse battery" };
  await rest(server.url, "auth.setup", input);
  const code = await rest(server.url, "auth.setup", input).catch((error: ImError) => error.code);
  assert.equal(idempotencyOf(operations["auth.setup"]), `done: ${code}`);
});

/** Everything that a log of theirs holds, of the conversation's or of their own. */
async function entriesOf(person: Person): Promise<{ log: Line[]; inbox: Line[] }> {
  const { call } = scene;
  const inbox = (await call(person, "inbox.read", { after: 0, limit: 500 })).entries;
  const joined = inbox.filter(({ kind }) => kind === "conversation.joined");
  const ids = new Set(joined.map(({ content }) => content.conversationId as string));
  const log = await Promise.all(
    [...ids].map(async (conversationId) =>
      (await call(person, "log.read", { conversationId, limit: 1000 })).entries
    ),
  );
  return { log: log.flat(), inbox };
}

type Line = { kind: string; content: unknown };

Deno.test("what all these calls have left in the logs is as wire/entries.ts says, and every kind is there", async () => {
  const { owner, target, extra, actors } = scene;
  const people = [owner, target, extra, ...Object.values(actors).flatMap(({ person }) => person ?? [])];
  const all = await Promise.all(people.map(entriesOf));
  const missing = (lines: Line[], kinds: Kinds<string>) => {
    for (const { kind, content } of lines) {
      const schema = kinds[kind].content;
      const { error } = (kind === "message" ? schema : schema.strict()).safeParse(content);
      assert.equal(error, undefined, `${kind} ${JSON.stringify(content)}: ${error?.message}`);
    }
    const seen = new Set(lines.map(({ kind }) => kind));
    return Object.keys(kinds).filter((kind) => !seen.has(kind));
  };
  assert.deepEqual(missing(all.flatMap(({ log }) => log), ENTRY_KINDS), []);
  assert.deepEqual(
    missing(all.flatMap(({ inbox }) => inbox), INBOX_KINDS),
    ["hidden"],
    "which only bots see",
  );
});
