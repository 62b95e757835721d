import assert from "node:assert/strict";
import { join } from "node:path";
import { hashOneTimeToken } from "../../auth/refresh.ts";
import { rest } from "../support/people.ts";
import { openLocalData } from "../support/local_data.ts";
import { startProcess, tempFolder } from "../support/server.ts";

/** Enough people that a broadcast takes a while. */
const PEOPLE = 3000;

async function tell(path: string, setupToken: string): Promise<number[]> {
  const opened = await openLocalData(path, Date.now());
  const ids: number[] = [];
  for (let n = 0; n < PEOPLE; n++) {
    const name = `person${n}`;
    const names = { username: name, usernameKey: name, displayName: name, displayKey: name };
    ids.push((await opened.data.users.create({ ...names, passwordHash: "" })).id);
  }
  const tokenHash = hashOneTimeToken(setupToken);
  await opened.data.users.offerSetup({ tokenHash, expiresAt: Date.now() + 600_000, onlyIfNew: false });
  await opened.close();
  return ids;
}

/** How often each was told. */
async function timesTold(path: string, ids: number[]): Promise<number[]> {
  const opened = await openLocalData(path, Date.now());
  const counts: number[] = [];
  for (const userId of ids) {
    const { entries } = await opened.data.inboxes.read({ userId, after: 0, limit: 100 });
    counts.push(entries.filter(({ kind }) => kind === "system.message").length);
  }
  await opened.close();
  return counts;
}

Deno.test("kill -9 in the middle of a broadcast: after a restart it goes on, and everyone is told once", async () => {
  using data = tempFolder();
  const path = join(data.path, "imserver.db");
  const token = "s".repeat(43);
  const ids = await tell(path, token);
  let accessToken: string;
  {
    await using server = await startProcess({ dataDir: data.path });
    const boss = { token, username: "boss1", password: "correct horse battery" };
    accessToken = (await rest(server.url, "auth.setup", boss)).accessToken!;
    const { total } = await rest(server.url, "admin.broadcast", { text: "all of you" }, accessToken);
    assert.equal(total, PEOPLE + 1);
    await new Promise((resolve) => setTimeout(resolve, 120));
    await server.stop("SIGKILL");
  }
  const before = await timesTold(path, ids);
  const told = before.filter((count) => count === 1).length;
  assert.ok(told > 0 && told < PEOPLE, `${told} of ${PEOPLE} were told when it was killed`);
  {
    await using server = await startProcess({ dataDir: data.path });
    const done = async () => {
      const { broadcasts: [one] } = await rest(server.url, "admin.broadcasts", {}, accessToken);
      return one.doneAt !== null && one.told === one.total;
    };
    const end = Date.now() + 60_000;
    while (!await done()) {
      assert.ok(Date.now() < end, "not done after a minute");
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    await server.stop();
  }
  assert.ok((await timesTold(path, ids)).every((count) => count === 1));
});
