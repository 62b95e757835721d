import type { ErrorCode } from "../../wire/errors.ts";
import type { Input, OperationName } from "../../wire/operations.ts";
import type { Actor, Scene } from "./scene.ts";

/** Everyone who may come to the door, as they stand to the scene's group and to the one it calls target. */
export const KINDS = [
  "nobody",
  "stranger",
  "friend",
  "blocked",
  "member",
  "former",
  "muted",
  "groupAdmin",
  "serverAdmin",
] as const;
export type Kind = typeof KINDS[number];

export type Answer = "ok" | ErrorCode;
export type Expected = Record<Kind, Answer>;

/** One way to call an operation, and what each kind of actor is answered. */
export interface Case<N extends OperationName> {
  /** What is special about it, where an operation has several cases. */
  about?: string;
  /** What this actor sends; asked for anew before each call, so that it may prepare what the call uses up. */
  input: (scene: Scene, actor: Actor) => Input<N> | Promise<Input<N>>;
  expect: Expected;
  /** What REST answers, where by design it is not what the WebSocket answers. */
  overRest?: Expected;
  /** The call ends the caller's session or account: it is made by somebody of this kind who is new each time. */
  spends?: true;
}

export type Row<N extends OperationName> = Case<N> | readonly Case<N>[];

/** The rows of one family; a file in rows/ for each file in wire/operations/. */
export type Rows<N extends OperationName> = { readonly [K in N]: Row<K> };

export function casesOf<N extends OperationName>(row: Row<N>): readonly Case<N>[] {
  return Array.isArray(row) ? row : [row as Case<N>];
}

/** The same answer for whoever has a session, but for the exceptions. */
export function people(answer: Answer, exceptions: Partial<Expected> = {}): Expected {
  const all = Object.fromEntries(KINDS.map((kind) => [kind, answer])) as Expected;
  return { ...all, nobody: "unauthenticated", ...exceptions };
}

/** For what is public: the same answer for all. */
export function anybody(answer: Answer): Expected {
  return people(answer, { nobody: answer });
}

/** For the members of a group; all others learn no more than of a group that does not exist. */
export function members(answer: Answer, exceptions: Partial<Expected> = {}): Expected {
  const inside = { member: answer, muted: answer, groupAdmin: answer };
  return people("conversation_not_found", { ...inside, ...exceptions });
}

/** For the admins of the server. */
export function admins(answer: Answer, exceptions: Partial<Expected> = {}): Expected {
  return people("forbidden", { serverAdmin: answer, ...exceptions });
}
