import assert from "node:assert/strict";
import { foldName } from "../../kit/fold.ts";
import { createIds } from "../../kit/ids.ts";
import type { Data } from "../service.ts";
import type { Storage } from "../sql/driver.ts";
import { migrate } from "../sql/migrate.ts";
import { openSqlite } from "../sql/sqlite.ts";
import { createLocalData } from "./mod.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** A Data, and the same with `between` running after each read of its storage: what a slow database allows. */
async function openBoth() {
  const storage = openSqlite(":memory:");
  await migrate(storage);
  const clock = { now: () => 1_800_000_000_000, nextId: createIds(() => 1_800_000_000_000) };
  const data = createLocalData(storage, clock);
  const hook = { between: () => Promise.resolve() };
  const slow: Storage = {
    ...storage,
    async all(sql, params) {
      const rows = await storage.all(sql, params);
      await hook.between();
      return rows as never;
    },
    async allIn(sql, keys) {
      const rows = await storage.allIn(sql, keys);
      await hook.between();
      return rows as never;
    },
  };
  return { data, slow: createLocalData(slow, clock), hook, close: () => storage.close() };
}

async function makeUser(data: Data, name: string): Promise<number> {
  const key = foldName(name);
  const names = { username: name, usernameKey: key, displayName: name, displayKey: key };
  return (await data.users.create({ ...names, passwordHash: "hash" })).id;
}

/** Lets `change` happen once, between the first and the second read of the storage. */
function once(hook: { between: () => Promise<void> }, change: () => Promise<void>): void {
  hook.between = () => {
    hook.between = () => Promise.resolve();
    return change();
  };
}

async function openGroup() {
  const opened = await openBoth();
  const { data } = opened;
  const [ann, bob] = [await makeUser(data, "ann"), await makeUser(data, "bob")];
  const created = await data.conversations.createGroup({ ownerId: ann, title: "", memberIds: [bob] });
  const conversationId = created.conversation!.id;
  let sent = 0;
  const say = (text: string) =>
    data.log.append({ conversationId, senderId: ann, clientId: `${sent++}`, body: JSON.stringify({ text }) });
  const leave = () => data.conversations.leave({ conversationId, userId: bob });
  const comeBack = () => data.conversations.addMembers({ conversationId, actorId: ann, memberIds: [bob] });
  const request = { conversationId, userId: bob, limit: 100 };
  return { ...opened, say, leave, comeBack, request };
}

/** The newest page, by either door. */
function readBy(
  { log }: Data,
  door: "read" | "history",
  request: { conversationId: number; userId: number; limit: number },
) {
  return door === "read" ? log.read({ ...request, after: 0 }) : log.history({ ...request, before: 0 });
}

Deno.test("log: who leaves while they read sees nothing of what came after (P5)", async () => {
  for (const door of ["read", "history"] as const) {
    const { slow, hook, say, leave, request, close } = await openGroup();
    await say("seen");
    once(hook, async () => {
      await leave();
      await say("secret");
    });
    const { entries } = await readBy(slow, door, request);
    assert.ok(entries.some(({ body }) => body.includes("seen")));
    assert.ok(!entries.some(({ body }) => body.includes("secret")), door);
    await close();
  }
});

Deno.test("log: who leaves and comes back while they read sees nothing of the time between (P5)", async () => {
  for (const door of ["read", "history"] as const) {
    const { slow, hook, say, leave, comeBack, request, close } = await openGroup();
    await say("seen");
    once(hook, async () => {
      await leave();
      await say("secret");
      await comeBack();
      await say("seen again");
    });
    const { entries } = await readBy(slow, door, request);
    assert.ok(!entries.some(({ body }) => body.includes("secret")), door);
    await close();
  }
});
