import type { OperationName } from "../../wire/operations.ts";
import { freshName, register } from "../support/people.ts";
import { PIXEL, putBytes, uploadFile } from "../support/files.ts";
import { type Case, casesOf, type Kind, KINDS } from "./row.ts";
import { rows } from "./rows.ts";
import { type Actor, logIn, type Scene } from "./scene.ts";

/** A call that succeeds and, the first time, really does something. */
export interface Deed {
  about: string;
  actor: Actor;
  input: unknown;
  /** Where a body of bytes makes it another call than `ask` makes. */
  perform?: () => Promise<unknown>;
}

const password = "correct horse battery";
type Prepare = (scene: Scene) => Promise<Omit<Deed, "about">>;

/** Where what the matrix sends finds nothing to do, or is for the owner of a group, who is no kind of actor. */
const PREPARED: Partial<Record<OperationName, Prepare>> = {
  "group.setRole": (scene) => asOwner(scene, { role: "admin" }),
  "group.transfer": (scene) => asOwner(scene, {}),
  "group.dissolve": (scene) => asOwner(scene, null),
  "group.unban": (scene) => asOwner(scene, {}, "group.ban"),
  "message.unpin": (scene) => onMessage(scene, {}, "message.pin"),
  "reaction.remove": (scene) => onMessage(scene, { emoji: "👍" }, "reaction.add"),
  "conversation.configure": async (scene) => {
    const { id: conversationId } = await scene.freshRoom(scene.actors.member);
    return { actor: of(scene.owner), input: { conversationId, muted: true } };
  },
  "admin.enable": async ({ call, boss, url }) => {
    const { id: userId } = await register(url);
    await call(boss, "admin.disable", { userId });
    return { actor: of(boss), input: { userId } };
  },
  "block.remove": async ({ call, extra, url }) => {
    const person = await register(url);
    await call(person, "block.add", { userId: extra.id });
    return { actor: of(person), input: { userId: extra.id } };
  },
  "friend.request": async ({ call, extra, url }) => {
    const person = await register(url);
    await call(extra, "friend.request", { userId: person.id });
    return { actor: of(person), input: { userId: extra.id } };
  },
  "user.setPassword": async ({ url }) => {
    const input = { oldPassword: password, newPassword: `${password} and more` };
    return { actor: of(await register(url)), input };
  },
  "user.setUsername": async ({ url }) => ({
    actor: of(await register(url)),
    input: { username: freshName() },
  }),
  "session.revokeOthers": async ({ url }) => {
    const person = await register(url);
    await logIn(url, person);
    return { actor: of(person), input: {} };
  },
  "file.put": async ({ call, url }) => {
    const person = await register(url);
    const { file } = await call(person, "file.create", { name: "a", size: 5, mime: "text/plain" });
    const perform = () => putBytes(url, person, file.id, 0, "hello");
    return { actor: of(person), input: {}, perform };
  },
  "file.delete": async ({ url }) => {
    const person = await register(url);
    const { id: fileId } = await uploadFile(url, person, PIXEL);
    return { actor: of(person), input: { fileId } };
  },
};

const of = (person: NonNullable<Actor["person"]>): Actor => ({
  kind: "stranger",
  id: person.id,
  person,
  wire: null,
});

/** The owner does something to a member, to whom something was done before. */
async function asOwner(scene: Scene, more: Record<string, unknown> | null, before?: "group.ban") {
  const { owner, target, call } = scene;
  const { id: conversationId } = await scene.freshRoom(scene.actors.member);
  const place = { conversationId, userId: target.id };
  if (before) await call(owner, before, place);
  return { actor: of(owner), input: more ? { ...place, ...more } : { conversationId } };
}

async function onMessage(
  scene: Scene,
  more: Record<string, unknown>,
  before: "message.pin" | "reaction.add",
) {
  const { owner, call } = scene;
  const { id: conversationId, seq } = await scene.freshRoom(scene.actors.member);
  const input = { conversationId, seq, ...more };
  await call(owner, before, input as never);
  return { actor: of(owner), input };
}

/** Who does it in the matrix: whoever may most, but an account that ends is one that nobody knows. */
const ORDER: Kind[] = ["groupAdmin", ...KINDS.filter((kind) => kind !== "nobody"), "nobody"];

/** Every way to call an operation with success. */
export async function* deedsOf(scene: Scene, name: OperationName): AsyncGenerator<Deed> {
  const prepare = PREPARED[name];
  if (prepare) yield { about: "prepared", ...await prepare(scene) };
  if (prepare && name !== "friend.request") return;
  for (const one of casesOf(rows[name]) as Case<OperationName>[]) {
    const expected = one.overRest && Object.values(one.overRest).includes("ok") ? one.overRest : one.expect;
    const kind = (one.spends ? KINDS.slice(1) : ORDER).find((kind) => expected[kind] === "ok");
    if (!kind) continue;
    const actor = one.spends ? await scene.another(kind) : scene.actors[kind];
    yield { about: one.about ?? "", actor, input: await one.input(scene, actor) };
  }
}
