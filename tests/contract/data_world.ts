import assert from "node:assert/strict";
import type { AppendResponse, Conversation, Data, Entry } from "../../data/service.ts";
import { foldName } from "../../kit/fold.ts";
import { type ErrorCode, ImError } from "../../wire/errors.ts";

/** The time that everything behind a Data takes for now. Tests set it, backwards too. */
export interface TestClock {
  nowMs: number;
}

/**
 * What a factory must give, anew for each case:
 * - `data`: a Data that nobody has used: no users, no sessions, no setup token;
 * - `clock`: the one clock of all its parts, at START_MS; no part may look at another;
 * - `close`: ends everything that was opened for it (the cases run with Deno's leak sanitizers on).
 * Ids may be any positive whole numbers up to 2^53 - 1.
 */
export type OpenData = () => Promise<{ data: Data; clock: TestClock; close(): Promise<void> }>;

export const START_MS = 1_800_000_000_000;

/** An id that no part has given out. */
export const NOBODY = 1;

/** A case: it begins in an empty world. */
export type Case = (what: string, body: (world: World) => Promise<void>) => void;

/** Short words for what every case does. */
export class World {
  readonly data: Data;
  readonly clock: TestClock;
  #names = 0;
  #clientIds = 0;

  constructor({ data, clock }: { data: Data; clock: TestClock }) {
    this.data = data;
    this.clock = clock;
  }

  /** A new account; its display name is the username unless given. */
  async user(username = `user${++this.#names}`, displayName = username): Promise<number> {
    const { id } = await this.data.users.create({
      username,
      usernameKey: foldName(username),
      displayName,
      displayKey: foldName(displayName),
      passwordHash: `hash of ${username}`,
    });
    return id;
  }

  /** Not all at once: a call waits two seconds for a connection and no longer, and a machine may be slow. */
  async users(count: number): Promise<number[]> {
    const ids: number[] = [];
    while (ids.length < count) {
      const some = Array.from({ length: Math.min(count - ids.length, 50) }, () => this.user());
      ids.push(...await Promise.all(some));
    }
    return ids;
  }

  async direct(userId: number, otherId: number): Promise<number> {
    return (await this.data.conversations.openDirect({ userId, otherId })).conversation!.id;
  }

  async group(ownerId: number, ...memberIds: number[]): Promise<number> {
    const group = await this.data.conversations.createGroup({ ownerId, title: "Group", memberIds });
    return group.conversation!.id;
  }

  say(
    conversationId: number,
    senderId: number,
    text = "hello",
    clientId = this.clientId(),
  ): Promise<AppendResponse> {
    return this.data.log.append({ conversationId, senderId, clientId, body: bodyOf(text) });
  }

  clientId(): string {
    return `client-${++this.#clientIds}`;
  }

  async read(conversationId: number, userId: number, after = 0, limit = 10_000): Promise<Entry[]> {
    return (await this.data.log.read({ conversationId, userId, after, limit })).entries;
  }

  /** The texts of all messages that the user reads, in order. */
  async texts(conversationId: number, userId: number): Promise<string[]> {
    const entries = await this.read(conversationId, userId);
    return entries.filter(({ kind }) => kind === "message").map(({ body }) => JSON.parse(body).text);
  }

  view(conversationId: number, userId: number): Promise<Conversation> {
    return this.data.conversations.get({ conversationId, userId });
  }

  add(conversationId: number, actorId: number, ...memberIds: number[]) {
    return this.data.conversations.addMembers({ conversationId, actorId, memberIds });
  }

  leave(conversationId: number, userId: number) {
    return this.data.conversations.leave({ conversationId, userId });
  }

  /** Takes somebody out of a group, for good with `ban`. */
  remove(conversationId: number, userId: number, memberId: number, ban = false) {
    return this.data.groups.remove({ conversationId, userId, memberId, ban });
  }

  /** A code that leads into a group. */
  async link(conversationId: number, userId: number, { expiresAt = 0, maxUses = 0 } = {}): Promise<string> {
    const code = `code-${++this.#clientIds}`;
    await this.data.groups.createLink({ conversationId, userId, code, expiresAt, maxUses });
    return code;
  }

  join(code: string, userId: number, maxMembers?: number) {
    return this.data.groups.join({ code, userId, note: "let me in", maxMembers });
  }

  /** What an inbox says, without its places and times. */
  async inbox(userId: number): Promise<Record<string, unknown>[]> {
    const { entries } = await this.data.inboxes.read({ userId, after: 0, limit: 1000 });
    return entries.map(({ kind, senderId, body }) => ({ kind, senderId, ...JSON.parse(body) }));
  }

  async groupIds(userId: number): Promise<number[]> {
    const { groups } = await this.data.conversations.listening({ userId });
    return groups.map((group) => group.conversationId).sort(ascending);
  }

  /** Everyone in it, by one page, as id → role. */
  async roles(conversationId: number, userId: number): Promise<Map<number, number>> {
    const request = { conversationId, userId, afterId: 0, limit: 10_000 };
    const { members } = await this.data.conversations.members(request);
    return new Map(members.map((member) => [member.userId, member.role]));
  }
}

/** A message's body, written as a client might: the store must not care. */
export const bodyOf = (text: string) => `{ "type":"text", "text":${JSON.stringify(text)} }`;

export const ascending = (a: number, b: number) => a - b;
export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The seqs of a log without holes, or an error. */
export function assertSeqs(entries: readonly Entry[], from: number, to: number): void {
  assert.deepEqual(entries.map(({ seq }) => seq), range(from, to));
}

export async function rejects(code: ErrorCode, call: Promise<unknown>): Promise<void> {
  assert.equal(await codeOf(call), code);
}

/** The code of the ImError a call fails with, or "ok". */
export async function codeOf(call: Promise<unknown>): Promise<ErrorCode | "ok"> {
  try {
    await call;
    return "ok";
  } catch (error) {
    if (error instanceof ImError) return error.code;
    throw error;
  }
}
