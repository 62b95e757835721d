import assert from "node:assert/strict";
import type * as z from "zod";
import type { ErrorCode } from "../../wire/errors.ts";
import { type Operation, type OperationName, operations } from "../../wire/operations.ts";
import { ask, type Door, doorsOf } from "./ask.ts";
import { type Answer, type Case, casesOf } from "./row.ts";
import { rows } from "./rows.ts";
import { openScene, type Scene } from "./scene.ts";

/**
 * Ids can be guessed (ADR 4). So a stranger puts the ids of what is others' into every field of every operation that
 * holds one: none is answered with anything but what an id is answered that was never given out.
 */

let scene: Scene;

Deno.test.beforeAll(async () => {
  scene = await openScene();
});

Deno.test.afterAll(async () => await scene?.[Symbol.asyncDispose]());

/** Where anybody may name anybody, or where nothing happens to what is not the caller's, and why. */
const OPEN: Partial<Record<OperationName, string>> = {
  "user.get": "who somebody is, is no secret",
  "file.delete": "there is nothing to drop, and that is no error",
  "friend.request": "anybody may ask",
  "friend.withdraw": "what the stranger has asked before is theirs to take back",
  "friend.remove": "there is nothing to end, and that is no error",
  "block.add": "anybody may be blocked",
  "block.remove": "there is nothing to lift, and that is no error",
  "conversation.openDirect": "anybody may write first",
  "group.create": "anybody may be in one's group",
  "presence.get": "of whom one may not see they are left out",
  "presence.subscribe": "of whom one may not see they are left out",
  "presence.unsubscribe": "nobody is subscribed to, and that is no error",
  "session.revoke": "there is nothing to end, and that is no error",
};

/** No part gives out an id like this, nor a seq so high. */
const NEVER = { id: "9007199254740991", seq: 999_999_999 };
const BROKEN = new Set<Answer>(["internal", "unavailable", "overloaded"] satisfies ErrorCode[]);

const isSeq = (field: string) => /^seqs?$|Seqs?$/.test(field);
const isId = (field: string) => /Ids?$/.test(field) && field !== "clientId";

/** Fields of an operation's input that point at something. */
function pointersOf(operation: Operation): string[] {
  return Object.keys(operation.input.shape).filter((field) => isId(field) || isSeq(field));
}

/** In the shape that the field has: one, or a list of one. */
const like = (example: unknown, value: unknown) => Array.isArray(example) ? [value] : value;

/** Ids of what the stranger has no part in: a group, a direct conversation, a person (and inbox), a device. */
async function othersIds({ room, directs, target, call }: Scene): Promise<string[]> {
  const { sessions } = await call(target, "session.list", {});
  return [room.id, directs.friend.id, target.id, sessions[0].id];
}

async function tryField<N extends OperationName>(
  name: N,
  one: Case<N>,
  door: Door,
  field: string,
): Promise<void> {
  const { stranger } = scene.actors;
  const attempt = async (change: Record<string, unknown>) => {
    const input = { ...await one.input(scene, stranger), ...change };
    const { code, said } = await ask(scene.url, door, stranger, name, input);
    return { code, said: JSON.stringify(said) };
  };
  const example = (await one.input(scene, stranger) as Record<string, unknown>)[field];
  // What may be left out is a filter: with what is others' it lets nothing through, and that is no error.
  const { shape } = (operations[name] as Operation).input;
  const isFilter = example === undefined && (shape[field] as z.ZodType).safeParse(undefined).success;
  assert.ok(example !== undefined || isFilter, `a case of ${name} has no ${field}: it must, to be tried`);
  const never = await attempt({ [field]: like(example, isSeq(field) ? NEVER.seq : NEVER.id) });
  const values = isSeq(field) ? [1, 2, scene.room.seq] : await othersIds(scene);
  for (const value of [...(isFilter ? [] : [undefined]), ...values]) {
    const theirs = await attempt(value === undefined ? {} : { [field]: like(example, value) });
    const what: string = `${name} over ${door} with ${field} ${
      value ?? example
    }: ${theirs.code}: ${theirs.said}`;
    assert.ok(!BROKEN.has(theirs.code), what);
    if (OPEN[name] !== undefined) continue;
    assert.ok(theirs.code !== "ok" || isFilter, what);
    assert.deepEqual(theirs, never, what);
  }
}

/** The cases that are about somebody else's; all of them, where that is open. */
function casesOfOthers<N extends OperationName>(name: N): readonly Case<N>[] {
  const cases = casesOf<N>(rows[name]);
  return OPEN[name] ? cases : cases.filter(({ expect }) => expect.stranger !== "ok");
}

for (const name of Object.keys(operations) as OperationName[]) {
  const operation: Operation = operations[name];
  const fields = pointersOf(operation);
  if (operation.access === "public" || fields.length === 0) continue;
  Deno.test(`${name}: with the ids of others a stranger learns nothing (${fields.join(", ")})`, async () => {
    const cases = casesOfOthers(name);
    assert.ok(cases.length > 0, "no case is about what is somebody else's");
    for (const one of cases) {
      for (const door of doorsOf(scene.actors.stranger)) {
        if (door === "REST" && one.overRest) continue;
        for (const field of fields) await tryField(name, one, door, field);
      }
    }
  });
}

Deno.test("what is open by design is still an operation with ids", () => {
  for (const name of Object.keys(OPEN) as OperationName[]) {
    assert.ok(pointersOf(operations[name]).length > 0, name);
  }
});

Deno.test("after all that, nobody has lost anything", async () => {
  const { call, owner, target, room, directs, actors } = scene;
  assert.equal((await call(target, "session.list", {})).sessions.length, 1);
  const { members } = await call(owner, "conversation.members", { conversationId: room.id });
  assert.equal(members.length, 5);
  const { friends } = await call(target, "friend.list", {});
  assert.deepEqual(friends.map(({ user }) => user.id), [actors.friend.id]);
  const { entries } = await call(target, "log.read", { conversationId: directs.friend.id });
  assert.equal(entries.length, 1);
});
