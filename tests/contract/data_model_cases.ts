import assert from "node:assert/strict";
import fc from "fast-check";
import { type Entry, MemberRole } from "../../data/service.ts";
import type { ErrorCode } from "../../wire/errors.ts";
import {
  type Change,
  change,
  edit,
  hide,
  historyOf,
  pin,
  react,
  recall,
  seenOf,
  textOf,
  WINDOW_MS,
} from "./data_changes.ts";
import { Model, type ModelConversation } from "./data_model.ts";
import { ascending, type Case, codeOf, range, rejects, type World } from "./data_world.ts";

const PEOPLE = 4;
const RUNS = 120;

const person = fc.nat({ max: PEOPLE - 1 });
const people = fc.array(person, { maxLength: 3 });
/** Which conversation: counted round, so that any number means one. */
const at = fc.nat({ max: 9 });
/** Which entry: most of the time one that there is. */
const seq = fc.nat({ max: 12 });
const emoji = fc.constantFrom("👍", "🎉");
const senders = fc.array(person, { minLength: 2, maxLength: 8 });
const is = <K extends string>(name: K) => fc.constant(name);

const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: is("say"), at, who: person, id: fc.nat(5), text: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: is("burst"), at, senders }) },
  { weight: 3, arbitrary: fc.record({ do: is("mark"), at, who: person, seq: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ do: is("leave"), at, who: person }) },
  { weight: 3, arbitrary: fc.record({ do: is("add"), at, who: person, people }) },
  { weight: 3, arbitrary: fc.record({ do: is("edit"), at, who: person, seq, text: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: is("recall"), at, who: person, seq, late: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: is("react"), at, who: person, seq, emoji, on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: is("pin"), at, who: person, seq, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: is("hide"), at, who: person, seqs: fc.array(seq) }) },
  { weight: 2, arbitrary: fc.record({ do: is("expel"), at, who: person, other: person, ban: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: is("unban"), at, who: person, other: person }) },
  { weight: 1, arbitrary: fc.record({ do: is("mute"), at, who: person, other: person, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: is("dissolve"), at, who: person }) },
  { weight: 1, arbitrary: fc.record({ do: is("direct"), who: person, other: person }) },
  { weight: 1, arbitrary: fc.record({ do: is("group"), who: person, people }) },
  { weight: 1, arbitrary: fc.record({ do: is("block"), who: person, other: person }) },
  { weight: 1, arbitrary: fc.record({ do: is("unblock"), who: person, other: person }) },
  { weight: 1, arbitrary: fc.record({ do: is("tick"), ms: fc.integer({ min: -50, max: 50 }) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

export function modelCases(test: Case): void {
  test("whatever four people do, logs, markers and memberships are what a simple model says", async (world) => {
    const property = fc.asyncProperty(
      fc.array(operation, { minLength: 5, maxLength: 60 }),
      async (operations) => {
        const play = new Play(world, await world.users(PEOPLE));
        await play.do({ do: "direct", who: 0, other: 1 });
        await play.do({ do: "group", who: 0, people: [1, 2] });
        for (const one of operations) await play.do(one);
        await play.compare();
      },
    );
    await fc.assert(property, { numRuns: RUNS });
  });
}

/** Does everything twice, in the Data and in the model, and compares what both answer. */
class Play {
  readonly #world: World;
  readonly #model = new Model();
  /** By the model's numbers. */
  readonly #users: number[];
  readonly #conversations: number[] = [];

  constructor(world: World, users: number[]) {
    this.#world = world;
    this.#users = users;
  }

  async do(operation: Operation): Promise<void> {
    switch (operation.do) {
      case "tick":
        this.#world.clock.nowMs += operation.ms;
        return;
      case "direct":
        return await this.#openDirect(operation.who, operation.other);
      case "group":
        return await this.#createGroup(operation.who, operation.people);
      case "block":
      case "unblock": {
        const [userId, otherId] = [this.#users[operation.who], this.#users[operation.other]];
        await codeOf(this.#world.data.relations[operation.do]({ userId, otherId }));
        return this.#model[operation.do](operation.who, operation.other);
      }
    }
    const at = operation.at % this.#conversations.length;
    switch (operation.do) {
      case "say":
        return await this.#say(at, operation.who, `id-${operation.id}`, `text ${operation.text}`);
      case "burst":
        return await this.#burst(at, operation.senders);
      case "mark":
        return await this.#mark(at, operation.who, operation.seq);
      case "leave":
        return await this.#leave(at, operation.who);
      case "add":
        return await this.#add(at, operation.who, operation.people);
      case "hide":
        return await this.#hide(at, operation.who, operation.seqs);
      case "expel":
      case "unban":
      case "mute":
      case "dissolve":
        return await this.#govern(at, operation);
      default:
        return await this.#change(at, operation);
    }
  }

  async #openDirect(who: number, other: number): Promise<void> {
    const expected = this.#model.openDirect(who, other);
    const call = this.#world.data.conversations.openDirect({
      userId: this.#users[who],
      otherId: this.#users[other],
    });
    if (typeof expected === "string") return await rejects(expected, call);
    const { conversation, created } = await call;
    assert.equal(created, expected.created);
    if (created) this.#conversations.push(conversation!.id);
    else assert.equal(conversation!.id, this.#conversations[expected.at]);
  }

  async #createGroup(who: number, others: number[]): Promise<void> {
    const group = this.#world.group(this.#users[who], ...others.map((i) => this.#users[i]));
    const refusal = this.#model.createGroup(who, others);
    if (refusal) assert.equal(await codeOf(group), refusal);
    else this.#conversations.push(await group);
  }

  async #say(at: number, who: number, clientId: string, text: string): Promise<void> {
    const expected = this.#model.say(at, who, clientId, text);
    const call = this.#world.say(this.#conversations[at], this.#users[who], text, clientId);
    if (typeof expected === "string") return await rejects(expected, call);
    const { seq, duplicate } = await call;
    assert.deepEqual({ seq, duplicate }, expected);
  }

  /** Several people send at once. Whose message comes first is open; then the model follows the answers. */
  async #burst(at: number, senders: number[]): Promise<void> {
    const calls = senders.map(async (who, i) => {
      const [clientId, text] = [this.#world.clientId(), `burst ${i}`];
      const call = this.#world.say(this.#conversations[at], this.#users[who], text, clientId);
      const [code, answer] = await Promise.all([codeOf(call), call.catch(() => null)]);
      return { who, clientId, text, code, seq: answer?.seq ?? 0 };
    });
    const outcomes = await Promise.all(calls);
    for (const { who, clientId, text, code, seq } of outcomes.toSorted((a, b) => a.seq - b.seq)) {
      const expected = this.#model.say(at, who, clientId, text);
      if (typeof expected === "string") assert.equal(code, expected);
      else assert.deepEqual({ code, seq }, { code: "ok", seq: expected.seq });
    }
    for (const sender of senders) {
      const seqs = outcomes.filter(({ who, seq }) => who === sender && seq > 0).map(({ seq }) => seq);
      assert.deepEqual(seqs, seqs.toSorted(ascending), "the order of one caller's calls is kept");
    }
  }

  async #mark(at: number, who: number, seq: number): Promise<void> {
    const expected = this.#model.markRead(at, who, seq);
    const request = { conversationId: this.#conversations[at], userId: this.#users[who], seq };
    const call = this.#world.data.conversations.markRead(request);
    if (typeof expected === "string") await rejects(expected, call);
    else {
      const { audience: _, ...marker } = await call;
      assert.deepEqual(marker, expected);
    }
  }

  async #leave(at: number, who: number): Promise<void> {
    const heirs = this.#model.leave(at, who);
    const call = this.#world.leave(this.#conversations[at], this.#users[who]);
    if (typeof heirs === "string") return await rejects(heirs, call);
    assert.deepEqual((await call).changedIds, [this.#users[who]]);
    if (heirs.length === 0) return;
    const roles = await this.#world.roles(this.#conversations[at], this.#users[heirs[0]]);
    const owners = range(0, PEOPLE - 1).filter((i) =>
      roles.get(this.#users[i]) === MemberRole.MEMBER_ROLE_OWNER
    );
    assert.equal(owners.length, 1);
    assert.ok(heirs.includes(owners[0]), "one of those who joined first inherits");
    this.#model.inherit(at, owners[0]);
  }

  async #add(at: number, actor: number, others: number[]): Promise<void> {
    const expected = this.#model.add(at, actor, others);
    const call = this.#world.add(
      this.#conversations[at],
      this.#users[actor],
      ...others.map((i) => this.#users[i]),
    );
    if (typeof expected === "string") return await rejects(expected, call);
    const { entry, changedIds } = await call;
    assert.deepEqual(changedIds.toSorted(ascending), expected.map((i) => this.#users[i]).sort(ascending));
    assert.equal(entry?.seq, expected.length > 0 ? this.#model.conversations[at].entries.length : undefined);
  }

  /** Each answers an entry, or none where it was so already. */
  async #govern(
    at: number,
    operation: Extract<Operation, { do: "expel" | "unban" | "mute" | "dissolve" }>,
  ): Promise<void> {
    const { groups } = this.#world.data;
    const [model, { who }] = [this.#model, operation];
    const place = { conversationId: this.#conversations[at], userId: this.#users[who] };
    const aimed = { ...place, memberId: "other" in operation ? this.#users[operation.other] : 0 };
    let expected: boolean | ErrorCode;
    let call: Promise<{ entry?: Entry }>;
    switch (operation.do) {
      case "expel":
        expected = model.expel(at, who, operation.other, operation.ban);
        call = groups.remove({ ...aimed, ban: operation.ban });
        break;
      case "unban":
        expected = model.unban(at, who, operation.other);
        call = groups.unban(aimed);
        break;
      case "mute":
        expected = model.mute(at, who, operation.other, operation.on);
        call = groups.mute({ ...aimed, until: operation.on ? Number.MAX_SAFE_INTEGER : 0 });
        break;
      case "dissolve":
        expected = model.dissolve(at, who);
        call = groups.dissolve(place);
    }
    if (typeof expected === "string") return await rejects(expected, call);
    const seq = expected ? model.conversations[at].entries.length : undefined;
    assert.equal((await call).entry?.seq, seq);
  }

  async #change(
    at: number,
    operation: Extract<Operation, { do: "edit" | "recall" | "react" | "pin" }>,
  ): Promise<void> {
    const { who, seq } = operation;
    const [expected, one] = this.#expectChange(at, operation);
    const call = change(this.#world, this.#conversations[at], this.#users[who], seq, one);
    if (typeof expected === "string") return await rejects(expected, call);
    assert.equal((await call).entry?.seq ?? null, expected);
  }

  #expectChange(
    at: number,
    operation: Extract<Operation, { do: "edit" | "recall" | "react" | "pin" }>,
  ): [seq: number | null | ErrorCode, Change] {
    const { who, seq } = operation;
    switch (operation.do) {
      case "edit": {
        const text = `text ${operation.text}`;
        return [this.#model.edit(at, who, seq, text), edit(text)];
      }
      case "recall":
        // Further than any clock goes in a run.
        return [
          this.#model.recall(at, who, seq, operation.late),
          recall(operation.late ? -WINDOW_MS : WINDOW_MS),
        ];
      case "react":
        return [
          this.#model.react(at, who, seq, operation.emoji, operation.on),
          react(operation.emoji, operation.on),
        ];
      case "pin":
        return [this.#model.pin(at, who, seq, operation.on), pin(operation.on)];
    }
  }

  async #hide(at: number, who: number, seqs: number[]): Promise<void> {
    const expected = this.#model.hide(at, who, seqs);
    const call = hide(this.#world, this.#conversations[at], this.#users[who], ...seqs);
    if (expected === null) await call;
    else await rejects(expected, call);
  }

  /** Everything that anyone can read. */
  async compare(): Promise<void> {
    for (const who of range(0, PEOPLE - 1)) {
      const mine = [];
      for (const [at, conversation] of this.#model.conversations.entries()) {
        await this.#compareLog(at, who, conversation);
        if (conversation.members.has(who)) await this.#compareMessages(at, who, conversation);
        await this.#compareView(at, who, conversation);
        if (conversation.members.get(who)?.leftSeq === null) mine.push(at);
      }
      const userId = this.#users[who];
      const ids = (among: number[]) => among.map((at) => this.#conversations[at]).sort(ascending);
      const place = { beforeAt: 0, beforeId: 0, limit: 1000 };
      const { conversations } = await this.#world.data.conversations.list({ userId, ...place });
      assert.deepEqual(conversations.map(({ id }) => id).sort(ascending), ids(mine));
      const groups = mine.filter((at) => !this.#model.conversations[at].direct);
      assert.deepEqual(await this.#world.groupIds(userId), ids(groups));
    }
  }

  async #compareLog(at: number, who: number, { members, entries }: ModelConversation): Promise<void> {
    const { log } = this.#world.data;
    const request = { conversationId: this.#conversations[at], userId: this.#users[who], limit: 1000 };
    const member = members.get(who);
    if (!member) {
      await rejects("conversation_not_found", log.read({ ...request, after: 0 }));
      return await rejects("conversation_not_found", log.history({ ...request, before: 0 }));
    }
    let messageNo = 0;
    const all = entries.map(({ kind, sender, clientId, target }, i) => {
      if (kind === "message") messageNo += 1;
      const text = this.#model.logText(at, who, i + 1);
      const emoji = this.#model.logEmoji(at, who, i + 1);
      return { seq: i + 1, kind, senderId: this.#users[sender], messageNo, clientId, text, target, emoji };
    });
    const end = member.leftSeq ?? entries.length;
    const visible = all.slice(member.firstSeq - 1, end);
    const read = await log.read({ ...request, after: 0 });
    const plain = ({ body, at: _, state, ...rest }: typeof read.entries[number]) => {
      assert.equal(state, undefined);
      const { target, emoji, ...content } = JSON.parse(body);
      const said = rest.kind === "message" ? content : content.content;
      return { ...rest, text: said ? textOf(said) : "", target, emoji };
    };
    assert.deepEqual(read.entries.map(plain), visible);
    assert.equal(read.lastSeq, end);
    const times = read.entries.map((entry) => entry.at);
    assert.deepEqual(times, times.toSorted(ascending), "time never runs backwards");
  }

  /** Messages with what became of them, in each of the ways to read them. */
  async #compareMessages(at: number, who: number, { entries }: ModelConversation): Promise<void> {
    const [conversationId, userId] = [this.#conversations[at], this.#users[who]];
    const expected = entries.flatMap((_, i) => {
      const message = this.#model.seen(at, who, i + 1);
      return message ? [{ seq: i + 1, ...message }] : [];
    });
    const plain = (entry: Entry) => {
      const { text, edits, reactions, mine, recalledBy, pinnedAt } = seenOf(entry);
      const recaller = recalledBy === undefined ? null : this.#users.indexOf(Number(recalledBy));
      const pinned = pinnedAt !== undefined;
      return { seq: entry.seq, text, edits, recalledBy: recaller, reactions, mine, pinned };
    };
    const history = await historyOf(this.#world, conversationId, userId);
    assert.deepEqual(history.map(plain), expected.toReversed());
    const { log } = this.#world.data;
    const got = await log.get({ conversationId, userId, seqs: range(1, entries.length) });
    assert.deepEqual(got.entries.map(plain).sort((a, b) => a.seq - b.seq), expected);
    const pins = await log.pins({ conversationId, userId });
    const pinned = this.#model.pins(at, who);
    assert.deepEqual(pins.entries.map(plain), pinned.map((seq) => expected.find((one) => one.seq === seq)));
  }

  async #compareView(
    at: number,
    who: number,
    { members, entries, direct }: ModelConversation,
  ): Promise<void> {
    const member = members.get(who);
    const call = this.#world.view(this.#conversations[at], this.#users[who]);
    if (member?.leftSeq !== null) return await rejects("conversation_not_found", call);
    const lastMessage = entries.findLastIndex(({ kind }) => kind === "message") + 1;
    const view = await call;
    assert.deepEqual({
      role: view.role,
      memberCount: view.memberCount,
      firstSeq: view.firstSeq,
      lastSeq: view.lastSeq,
      lastMessageNo: view.lastMessageNo,
      readSeq: view.readSeq,
      unread: view.unread,
      lastMessage: view.lastMessage?.seq,
      peerId: view.peerId,
    }, {
      role: member.owner ? MemberRole.MEMBER_ROLE_OWNER : MemberRole.MEMBER_ROLE_MEMBER,
      memberCount: [...members.values()].filter(({ leftSeq }) => leftSeq === null).length,
      firstSeq: member.firstSeq,
      lastSeq: entries.length,
      lastMessageNo: entries.filter(({ kind }) => kind === "message").length,
      readSeq: member.readSeq,
      unread: this.#model.unread(at, who),
      lastMessage: lastMessage >= member.firstSeq ? lastMessage : undefined,
      peerId: direct ? this.#users[[...members.keys()].find((other) => other !== who)!] : 0,
    });
  }
}
