import type { Input, OperationName, Output } from "../../wire/operations.ts";
import { type Person, register, rest, Wire } from "../support/people.ts";
import { firstAdmin } from "../support/first_admin.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { type Kind, KINDS } from "./row.ts";

const PASSWORD = "correct horse battery";

/** Who calls. Nobody has no token, and an id that is nobody's. */
export interface Actor {
  kind: Kind;
  id: string;
  person: Person | null;
  wire: Wire | null;
}

/** A group, and what is said in it. */
export interface Room {
  id: string;
  /** A message of the owner's, said while all were in. */
  seq: number;
  /** A message of the actor's own; of the owner's, for who was never in. */
  ownSeq: (actor: Actor) => number;
}

/**
 * A server with one person of each kind. `owner` and `target` are in the groups; `target` is a friend of `friend`
 * and has blocked `blocked`, each after a direct conversation was opened.
 */
export interface Scene {
  url: string;
  owner: Person;
  target: Person;
  /** Somebody without any part in it, to log in as. */
  extra: Person;
  /** The first admin, who does what others cannot. */
  boss: Person;
  actors: Record<Kind, Actor>;
  /** The group that no call may change. */
  room: Room;
  /** A group for one call: with the owner, the target and, by their kind, the actor. */
  freshRoom(actor: Actor): Promise<Room>;
  /** The direct conversations with the target. */
  directs: Record<"friend" | "blocked", { id: string; seq: number }>;
  /** Somebody else of this kind, with a session of their own. */
  another(kind: Kind): Promise<Actor>;
  /** One operation as one of the people. */
  call<N extends OperationName>(who: Person, name: N, input: Input<N>): Promise<Output<N>>;
  [Symbol.asyncDispose](): Promise<void>;
}

const INSIDE = new Set<Kind>(["member", "former", "muted", "groupAdmin"]);

export async function openScene(): Promise<Scene> {
  const data = tempFolder();
  const server = await startServer({
    dataDir: data.path,
    args: ["--max-sessions-per-kind=0", "--rate-limit-scale=0"],
  });
  try {
    return await build(server, data);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

async function build(server: Server, data: Disposable): Promise<Scene> {
  const { url } = server;
  const boss = await firstAdmin(server);
  const [owner, target, extra] = [await register(url), await register(url), await register(url)];
  const wires: Wire[] = [];
  const directs = {} as Scene["directs"];
  const call: Scene["call"] = (who, name, input) => rest(url, name, input, who.accessToken);
  let sends = 0;
  const say = async (who: Person, conversationId: string, text: string) => {
    const content = { type: "text", text } as const;
    return (await call(who, "message.send", { conversationId, clientId: `s${sends++}`, content })).seq;
  };

  async function openDirect(person: Person): Promise<{ id: string; seq: number }> {
    const { id } = await call(person, "conversation.openDirect", { userId: target.id });
    return { id, seq: await say(target, id, "between us") };
  }

  async function befriend(person: Person): Promise<void> {
    await call(person, "friend.request", { userId: target.id });
    await call(target, "friend.accept", { userId: person.id });
    directs.friend ??= await openDirect(person);
  }

  async function beBlocked(person: Person): Promise<void> {
    directs.blocked ??= await openDirect(person);
    await call(target, "block.add", { userId: person.id });
  }

  async function another(kind: Kind): Promise<Actor> {
    if (kind === "nobody") return { kind, id: "1", person: null, wire: null };
    const person = await register(url);
    // The token they have says "user" still: what counts is what is stored.
    if (kind === "serverAdmin") await call(boss, "admin.setRole", { userId: person.id, role: "admin" });
    if (kind === "friend") await befriend(person);
    if (kind === "blocked") await beBlocked(person);
    const wire = await Wire.open(url, person.accessToken);
    wires.push(wire);
    return { kind, id: person.id, person, wire };
  }

  async function openRoom(actors: readonly Actor[]): Promise<Room> {
    const inside = actors.filter(({ kind }) => INSIDE.has(kind));
    const memberIds = [target.id, ...inside.map(({ id }) => id)];
    const { id } = await call(owner, "group.create", { title: "room", memberIds });
    const seq = await say(owner, id, "of the owner");
    const own = new Map<string, number>();
    for (const { id: userId, person } of inside) own.set(userId, await say(person!, id, "of the actor"));
    for (const actor of inside) await arrange(id, actor);
    return { id, seq, ownSeq: (actor) => own.get(actor.id) ?? seq };
  }

  /** Makes a member what their kind says. */
  async function arrange(conversationId: string, { kind, person, id: userId }: Actor): Promise<void> {
    const place = { conversationId, userId };
    if (kind === "former") await call(person!, "group.leave", { conversationId });
    if (kind === "muted") await call(owner, "group.mute", { ...place, until: Number.MAX_SAFE_INTEGER });
    if (kind === "groupAdmin") await call(owner, "group.setRole", { ...place, role: "admin" });
  }

  const actors = {} as Scene["actors"];
  for (const kind of KINDS) actors[kind] = await another(kind);
  const room = await openRoom(Object.values(actors));
  return {
    url,
    owner,
    target,
    extra,
    boss,
    actors,
    room,
    directs,
    another,
    call,
    freshRoom: (actor) => openRoom([actor]),
    async [Symbol.asyncDispose]() {
      await Promise.all(wires.map((wire) => wire.close()));
      await server[Symbol.asyncDispose]();
      data[Symbol.dispose]();
    },
  };
}

/** The same person on another device. */
export async function logIn(url: string, { id, username }: Pick<Person, "id" | "username">): Promise<Person> {
  const { accessToken, refreshToken } = await rest(url, "auth.login", { username, password: PASSWORD });
  return { id, username, accessToken: accessToken!, refreshToken: refreshToken! };
}
