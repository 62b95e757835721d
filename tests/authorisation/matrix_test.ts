import assert from "node:assert/strict";
import { type OperationName, operations } from "../../wire/operations.ts";
import { assertProblem } from "../support/answers.ts";
import { rawHttp, upgradeRequest } from "../support/raw.ts";
import { ask, type Door, doorsOf } from "./ask.ts";
import { type Case, casesOf, type Expected, type Kind, KINDS } from "./row.ts";
import { rows } from "./rows.ts";
import { openScene, type Scene } from "./scene.ts";

/** The authorisation matrix: every operation, by everyone who may come, at both doors. */

let scene: Scene;

Deno.test.beforeAll(async () => {
  scene = await openScene();
});

Deno.test.afterAll(async () => await scene?.[Symbol.asyncDispose]());

/** What everyone is answered at a door. */
async function answersAt<N extends OperationName>(
  door: Door,
  name: N,
  one: Case<N>,
): Promise<Partial<Expected>> {
  const answers: Partial<Expected> = {};
  for (const kind of KINDS) {
    const actor = one.spends ? await scene.another(kind) : scene.actors[kind];
    if (!doorsOf(actor).includes(door)) continue;
    const { code } = await ask(scene.url, door, actor, name, await one.input(scene, actor));
    answers[kind] = code;
  }
  return answers;
}

function expected(one: { expect: Expected; overRest?: Expected }, door: Door): Partial<Expected> {
  if (door === "REST") return one.overRest ?? one.expect;
  const { nobody: _, ...others } = one.expect;
  return others;
}

async function check<N extends OperationName>(name: N): Promise<void> {
  for (const one of casesOf<N>(rows[name])) {
    for (const door of ["REST", "WebSocket"] as const) {
      const answers = await answersAt(door, name, one);
      assert.deepEqual(
        answers,
        expected(one, door),
        `${name} over ${door}${one.about ? `: ${one.about}` : ""}`,
      );
    }
  }
}

for (const name of Object.keys(operations) as OperationName[]) {
  Deno.test(`${name}: each of the nine is answered as the matrix says, over REST and WebSocket`, () =>
    check(name));
}

Deno.test("nobody gets a WebSocket", async () => {
  assertProblem((await rawHttp(scene.url, upgradeRequest(scene.url)))!, "unauthenticated");
});

Deno.test("whom others tried to harm is unharmed", async () => {
  const { call, target, owner, room } = scene;
  assert.equal((await call(target, "session.list", {})).sessions.length, 1);
  const { members } = await call(owner, "conversation.members", { conversationId: room.id });
  const inside: Kind[] = ["member", "muted", "groupAdmin"];
  const expectedIds = [owner.id, target.id, ...inside.map((kind) => scene.actors[kind].id)];
  assert.deepEqual(members.map(({ user }) => user.id).sort(), expectedIds.sort());
});
