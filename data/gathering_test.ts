import assert from "node:assert/strict";
import { gatheredCheck, gathering } from "./gathering.ts";
import type { Data } from "./service.ts";

/** A Data of which only what is gathered is there, and what it was asked. */
function stage() {
  const asked: unknown[] = [];
  let epoch = 1;
  const data = {
    conversations: {
      listeningOf: ({ userIds }: { userIds: number[] }) => {
        asked.push(userIds);
        return Promise.resolve({ users: userIds.map((id) => ({ groups: [], inboxSeq: id * 10 })) });
      },
    },
    log: {
      epoch: ({ raise }: { raise: boolean }) => {
        asked.push({ raise });
        return Promise.resolve({ epoch: raise ? ++epoch : epoch });
      },
    },
    sessions: {
      running: ({ ids }: { ids: number[] }) => {
        asked.push(ids);
        return Promise.resolve({ ids: ids.filter((id) => id !== 2) });
      },
    },
  } as unknown as Data;
  return { asked, data };
}

Deno.test("gathering: many who connect at once ask once, and each is answered of themselves", async () => {
  const { asked, data } = stage();
  const { conversations } = gathering(data);
  const lists = await Promise.all([3, 1, 2].map((userId) => conversations.listening({ userId })));
  assert.deepEqual(lists.map(({ inboxSeq }) => inboxSeq), [30, 10, 20]);
  assert.deepEqual(asked, [[3, 1, 2]]);
});

Deno.test("gathering: the epoch is asked once for many, raising it is done each time, and seen by who asks after", async () => {
  const { asked, data } = stage();
  const { log } = gathering(data);
  const read = () => log.epoch({ raise: false });
  await Promise.all([read(), read(), read()]);
  // The first has begun when the others ask: they share the next.
  assert.deepEqual(asked, [{ raise: false }, { raise: false }]);
  assert.equal((await log.epoch({ raise: true })).epoch, 2);
  assert.equal((await read()).epoch, 2);
});

Deno.test("gathering: of sessions that are looked at together only those that ended are refused", async () => {
  const { asked, data } = stage();
  const requireRunning = gatheredCheck(data.sessions);
  const outcomes = await Promise.all(
    [1, 2, 3].map((id) => requireRunning({ id }).then(() => "runs", ({ code }) => code)),
  );
  assert.deepEqual(outcomes, ["runs", "session_ended", "runs"]);
  assert.deepEqual(asked, [[1, 2, 3]]);
});
