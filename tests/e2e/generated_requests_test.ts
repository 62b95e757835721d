import assert from "node:assert/strict";
import fc from "fast-check";
import { answerChecker, type ApiDocument, type DocumentedCall, type Json } from "../support/api_document.ts";
import { arbitraryOf } from "../support/arbitrary.ts";
import { freshName, type Person, register, rest } from "../support/people.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";

/**
 * Random requests made from /openapi.json itself, valid ones and spoiled ones, to every route: no answer is a failure
 * of the server, and each is one that the document has. Another seed: IMSERVER_SEED.
 */
const SEED = Number(Deno.env.get("IMSERVER_SEED") ?? 5);
const VALID = 16;
const SPOILED = 10;

interface Sent {
  url: string;
  body?: string;
  type?: string;
}

Deno.test("random requests from the document find no failure and no answer that it does not have", async () => {
  using data = tempFolder();
  await using server = await startServer({
    dataDir: data.path,
    args: ["--rate-limit-scale=0", "--max-sessions-per-kind=0"],
  });
  const document: ApiDocument = await (await fetch(`${server.url}/openapi.json`)).json();
  const check = answerChecker(document);
  const wrong: string[] = [];
  const done = new Set<string>();
  let sent = 0;
  let scene = await openScene(server);
  const admin = await firstAdmin(server);
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, call] of Object.entries(methods)) {
      // New people where the last ones ended their session.
      if (scene.spent) scene = await openScene(server);
      for (const request of requestsFor(document, path, method, call, scene.real)) {
        const who = call.operationId.startsWith("admin.") ? admin : scene.me.accessToken;
        const answer = await send(server, method, request, who);
        sent++;
        scene.spent ||= answer.status === 401;
        if (answer.status === 200) done.add(call.operationId);
        const problem = answer.status >= 500 ? "a failure" : check(path, method, answer);
        if (problem) {
          wrong.push(`${method} ${JSON.stringify(request)}: ${problem}: ${JSON.stringify(answer)}`);
        }
      }
    }
  }
  assert.deepEqual(wrong, [], `seed ${SEED}`);
  const all = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  console.log(`  ${sent} requests to ${all.length} operations, ${done.size} of which did something`);
  // Else the requests would be too wrong to find anything behind the door.
  assert.ok(done.size >= all.length * 0.4, `${done.size} of ${all.length} did something`);
});

/** An access token of the first admin of the server. */
async function firstAdmin(server: Server): Promise<string> {
  const token = /setup#([A-Za-z0-9_-]{43})/.exec(server.output())![1];
  const account = { username: freshName("boss"), password: "correct horse battery" };
  return (await rest(server.url, "auth.setup", { token, ...account })).accessToken!;
}

interface Scene {
  me: Person;
  real: Record<string, unknown[]>;
  /** The session is over. */
  spent: boolean;
}

/** Somebody with a friend, a direct conversation, a group and a message in each; their ids by the names of fields. */
async function openScene(server: Server): Promise<Scene> {
  const [me, other, third] = [
    await register(server.url),
    await register(server.url),
    await register(server.url),
  ];
  const { url } = server;
  await rest(url, "friend.request", { userId: me.id }, other.accessToken);
  await rest(url, "friend.accept", { userId: other.id }, me.accessToken);
  await rest(url, "friend.request", { userId: me.id }, third.accessToken);
  const direct = await rest(url, "conversation.openDirect", { userId: other.id }, me.accessToken);
  const group = await rest(url, "group.create", { title: "g", memberIds: [other.id] }, me.accessToken);
  const content = { type: "text", text: "hello" } as const;
  for (const { id: conversationId } of [direct, group]) {
    await rest(url, "message.send", { conversationId, clientId: "1", content }, me.accessToken);
  }
  const { sessions } = await rest(url, "session.list", {}, me.accessToken);
  const conversationId = [direct.id, group.id];
  return {
    me,
    spent: false,
    real: {
      userId: [other.id, third.id, me.id],
      memberId: [third.id],
      conversationId,
      fromConversationId: conversationId,
      sessionId: sessions.map(({ id }) => id),
      seq: [1, 2],
      cursor: [undefined],
      before: [2, 3, undefined],
      token: [undefined],
    },
  };
}

function requestsFor(
  document: ApiDocument,
  path: string,
  method: string,
  { parameters = [], requestBody }: DocumentedCall,
  real: Record<string, unknown[]>,
): Sent[] {
  const { schemas } = document.components;
  const arbitrary = (schema: Json, name?: string) => arbitraryOf(schema, schemas, real, name);
  const given = fc.record(
    Object.fromEntries(parameters.map(({ name, schema }) => [name, arbitrary(schema, name)])),
    { requiredKeys: parameters.filter(({ required }) => required).map(({ name }) => name) },
  );
  const [type, body] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const bodies: fc.Arbitrary<unknown> = body ? arbitrary(body.schema) : fc.constant(undefined);
  const make = (fields: Record<string, unknown>, value: unknown): Sent => {
    const query = new URLSearchParams();
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => segment(fields[name]));
    for (const { name, in: where } of parameters) {
      if (where === "query" && fields[name] !== undefined) query.set(name, textOf(fields[name]));
    }
    const url = query.size > 0 ? `${filled}?${query}` : filled;
    return body ? { url, type, body: JSON.stringify(value) ?? "" } : { url };
  };
  const seed = SEED + path.length * 31 + method.length;
  const valid = fc.sample(fc.tuple(given, bodies), { numRuns: VALID, seed })
    .map(([fields, value]) => make(fields, value));
  const spoiled = fc.sample(spoil(given, bodies), { numRuns: SPOILED, seed })
    .map(([fields, value, other]) => ({ ...make(fields, value), ...(body && other !== null ? other : {}) }));
  return [...valid, ...spoiled];
}

/** Fields that are missing, of another kind or unknown; bodies that are no JSON, or none at all. */
function spoil(given: fc.Arbitrary<Record<string, unknown>>, bodies: fc.Arbitrary<unknown>) {
  const broken = fc.constantFrom<Partial<Sent>>(
    { body: "{" },
    { body: "" },
    { body: "[]" },
    { body: '"\\ud800"' },
    { body: '{"__proto__":{"a":1}}' },
    { type: "text/plain" },
  );
  const spoilObject = ([value, key, junk]: [unknown, string, unknown]): unknown => {
    if (typeof value !== "object" || value === null) return junk;
    const keys = Object.keys(value);
    return { ...value, [keys[key.length % (keys.length + 1)] ?? key]: junk };
  };
  const spoiled = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.tuple(arbitrary, fc.string({ minLength: 1, maxLength: 6 }), fc.jsonValue({ maxDepth: 3 })).map(
      spoilObject,
    );
  return fc.tuple(
    spoiled(given) as fc.Arbitrary<Record<string, unknown>>,
    spoiled(bodies),
    fc.option(broken, { freq: 2 }),
  );
}

/** As one part of a path: a dot or two, or nothing, would be another path. */
function segment(value: unknown): string {
  const text = textOf(value);
  return /^\.{0,2}$/.test(text) ? "x" : encodeURIComponent(text);
}

const textOf = (value: unknown): string =>
  (typeof value === "string" ? value : JSON.stringify(value) ?? "").toWellFormed();

async function send(server: Server, method: string, { url, body, type }: Sent, accessToken: string) {
  const response = await fetch(server.url + url, {
    method: method.toUpperCase(),
    headers: {
      authorization: `Bearer ${accessToken}`,
      ...(type ? { "content-type": type === "*/*" ? "application/octet-stream" : type } : {}),
    },
    body,
  });
  const media = (response.headers.get("content-type") ?? "").split(";")[0];
  const text = await response.text();
  return { status: response.status, type: media, body: /json$/.test(media) ? JSON.parse(text) : text };
}
