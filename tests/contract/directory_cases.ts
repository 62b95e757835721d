import assert from "node:assert/strict";
import type { Directory } from "../../bus/directory.ts";

export interface DirectoriesUnderTest {
  /** Of three gateways in one world that nobody else is in. */
  gateways: [Directory, Directory, Directory];
  /** Resolves when the directories are sure. */
  sure(): Promise<void>;
  close(): Promise<void>;
}

/** What every Directory must do. */
export function directoryCases(name: string, open: () => Promise<DirectoriesUnderTest>): void {
  Deno.test.sanitizer({ ops: true, resources: true });
  const test = (what: string, body: (under: DirectoriesUnderTest) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      const under = await open();
      try {
        await body(under);
      } finally {
        await under.close();
      }
    });

  test("every gateway finds who is connected at any, and on which sessions", async ({ gateways }) => {
    const [one, two, three] = gateways;
    await one.set(1, [11]);
    await two.set(1, [12, 13]);
    await two.set(2, []);
    for (const directory of gateways) {
      assert.deepEqual(await found(directory, 1, 2, 3), { 1: [11, 12, 13], 2: [] });
    }
    await two.set(1, [13]);
    await two.set(2, null);
    await three.set(3, [Number.MAX_SAFE_INTEGER]);
    for (const directory of gateways) {
      assert.deepEqual(await found(directory, 1, 2, 3), { 1: [11, 13], 3: [Number.MAX_SAFE_INTEGER] });
    }
    assert.deepEqual(await found(one), {});
  });

  test("it is sure of who is not there, too", async ({ gateways, sure }) => {
    await sure();
    for (const directory of gateways) assert.equal((await directory.find([1, 2])).sure, true);
  });

  test("the last word on a user counts, however quickly it follows", async ({ gateways }) => {
    const [one, two] = gateways;
    const words: (Promise<void> | void)[] = [];
    for (let i = 0; i < 200; i++) {
      words.push(one.set(i % 7, i % 3 === 0 ? null : [i]));
      if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await Promise.all(words);
    assert.deepEqual(await found(two, 0, 1, 2, 3, 4, 5, 6), {
      0: [196],
      1: [197],
      3: [199],
      4: [193],
      5: [194],
    });
  });

  test("thousands come, are found together, and go", async ({ gateways }) => {
    const [one, two] = gateways;
    const users = Array.from({ length: 3_000 }, (_, i) => i + 1);
    await Promise.all(users.map((id) => one.set(id, [id + 10_000])));
    const { sessions } = await two.find(users);
    assert.equal(sessions.size, 3_000);
    for (const id of users) assert.deepEqual([...sessions.get(id)!], [id + 10_000]);
    await Promise.all(users.map((id) => one.set(id, null)));
    assert.equal((await two.find(users)).sessions.size, 0);
  });

  test("what a gateway said goes with it when it leaves", async ({ gateways }) => {
    const [one, two, three] = gateways;
    await one.set(1, [11]);
    await two.set(1, [12]);
    await one.close();
    await one.close();
    assert.deepEqual(await found(three, 1), { 1: [12] });
  });
}

export async function found(directory: Directory, ...userIds: number[]): Promise<Record<number, number[]>> {
  const { sessions } = await directory.find(userIds);
  return Object.fromEntries([...sessions].map(([userId, ids]) => [userId, [...ids].sort((a, b) => a - b)]));
}
