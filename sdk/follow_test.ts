import assert from "node:assert/strict";
import fc from "fast-check";
import { ImError } from "../wire/errors.ts";
import type { Entry } from "../wire/schemas.ts";
import type { Client, ClientEvents } from "./client.ts";
import { Emitter } from "./emitter.ts";
import { follow, type FollowOptions } from "./follow.ts";

const tick = () => new Promise((resolve) => setTimeout(resolve, 0));
async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    assert(i < 2000, "it never came");
    await tick();
  }
}

/** Conversations and read markers on a server, and a client of it as far as `follow` needs one. */
class FakeServer {
  readonly logs = new Map<string, Entry[]>();
  readonly marks = new Map<string, number>();
  failures: boolean[] = [];
  events = new Emitter<ClientEvents>();

  get client(): Pick<Client, "call" | "on" | "state"> {
    const { events } = this;
    return {
      state: { state: "online", userId: "1" },
      on: (event, handler) => events.on(event, handler),
      call: (async (name: string, input: Record<string, never>) => {
        await tick();
        if (this.failures.pop()) throw new ImError("unavailable");
        return structuredClone(this.#answer(name, input));
      }) as Client["call"],
    };
  }

  say(id: string): Entry {
    const log = this.logs.get(id) ?? [];
    const seq = log.length + 1;
    this.logs.set(id, log);
    log.push({ seq, kind: "message", senderId: "2", at: 0, messageNo: seq, content: {} });
    return log[seq - 1];
  }

  ready(): void {
    this.events.emit("sync", {});
  }

  #answer(name: string, input: Record<string, never>): unknown {
    const { conversationId: id, after, seq, cursor } = input;
    const one = (id: string) => ({
      id,
      lastSeq: this.logs.get(id)?.length ?? 0,
      readSeq: this.marks.get(id) ?? 0,
    });
    if (name === "conversation.get") return one(id);
    if (name === "conversation.markRead") return this.marks.set(id, seq);
    if (name === "log.read") return { entries: this.logs.get(id)?.slice(after, after + 3), ...one(id) };
    // A page of the list has one conversation.
    const ids = [...this.logs.keys()];
    const at = Number(cursor ?? 0);
    return {
      conversations: ids.slice(at, at + 1).map(one),
      nextCursor: at + 1 < ids.length ? `${at + 1}` : null,
    };
  }
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("say" as const, "say unheard" as const),
      to: fc.constantFrom("1", "2", "3"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("ready" as const, "tick" as const, "restart" as const) }),
  },
);
const story = fc.record({
  steps: fc.array(step, { maxLength: 30 }),
  failures: fc.array(fc.boolean(), { maxLength: 12 }),
  handled: fc.array(fc.boolean(), { maxLength: 12 }),
});

Deno.test("follow: through lost pushes, failures and restarts every entry comes, in order, from the read marker on", async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ steps, failures, handled }) => {
      const server = new FakeServer();
      server.failures = [...failures];
      const refusals = [...handled];
      /** What each run of the program has done, by conversation. */
      const done: Map<string, number[]>[] = [];
      let stop = new AbortController();
      const run = () => {
        const mine = new Map<string, number[]>();
        done.push(mine);
        follow(server.client, {
          signal: (stop = new AbortController()).signal,
          backoff: { baseMs: 1, capMs: 2 },
          onEntry: async (id, { seq }) => {
            await tick();
            if (refusals.pop()) throw new ImError("overloaded");
            mine.set(id, [...mine.get(id) ?? [], seq]);
          },
          onError: (error) => assert.fail(String(error)),
        });
        server.ready();
      };
      run();
      for (const one of steps) {
        if (one.do === "say" || one.do === "say unheard") {
          const entry = server.say(one.to);
          if (one.do === "say") {
            server.events.emit("log.append", { conversationId: one.to, entries: [entry] });
          }
        } else if (one.do === "ready") server.ready();
        else if (one.do === "restart") (stop.abort(), run());
        await tick();
      }
      server.ready();
      await until(() => [...server.logs].every(([id, log]) => server.marks.get(id) === log.length));
      stop.abort();
      for (const [id, log] of server.logs) {
        const runs = done.map((mine) => mine.get(id) ?? []);
        for (const seqs of runs) {
          assert.deepEqual(
            seqs,
            seqs.map((_, n) => seqs[0] + n),
            "in order, without a hole",
          );
        }
        assert.deepEqual([...new Set(runs.flat())].toSorted((a, b) => a - b), log.map(({ seq }) => seq));
      }
    }),
    { numRuns: 100 },
  );
});

Deno.test("follow: what cannot be mended is told and passed by; after leaving nothing more comes", async () => {
  const server = new FakeServer();
  const errors: string[] = [];
  const seen: number[] = [];
  const stop = new AbortController();
  const onEntry: FollowOptions["onEntry"] = (_, { seq }) => {
    if (seq === 1) throw new ImError("blocked");
    seen.push(seq);
  };
  follow(server.client, {
    onEntry,
    onError: (error, id) => errors.push(`${id} ${(error as ImError).code}`),
    signal: stop.signal,
  });
  server.say("7");
  server.say("7");
  server.events.emit("conversation.changed", { conversationId: "7", change: "joined" });
  await until(() => server.marks.get("7") === 2);
  assert.deepEqual([errors, seen], [["7 blocked"], [2]]);
  server.events.emit("conversation.changed", { conversationId: "7", change: "left" });
  server.say("8");
  server.events.emit("log.append", { conversationId: "8", entries: server.logs.get("8")! });
  await until(() => server.marks.get("8") === 1);
  stop.abort();
  server.say("8");
  server.ready();
  await tick();
  await tick();
  assert.deepEqual([seen, server.marks.get("8")], [[2], 1]);
});
