import assert from "node:assert/strict";
import { createLocalData } from "../../data/local/mod.ts";
import { migrate } from "../../data/sql/migrate.ts";
import { openMysql } from "../../data/sql/mysql.ts";
import { createIds } from "../../kit/ids.ts";
import { ImError } from "../../wire/errors.ts";
import { Mariadb } from "../support/mariadb.ts";
import { assertSeqs, bodyOf, World } from "./data_world.ts";

/** Stands before MariaDB and cuts some connections right after a COMMIT has been passed on: nobody hears the answer. */
function commitEater(targetPort: number, chance: number) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const state = { eaten: 0, chance };
  const serve = async (client: Deno.Conn) => {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: targetPort });
    open.add(client).add(server);
    let cut = false;
    const pass = async (from: Deno.Conn, to: Deno.Conn, isClient: boolean) => {
      const buffer = new Uint8Array(64 * 1024);
      for (let n = await from.read(buffer); n !== null && !(cut && !isClient); n = await from.read(buffer)) {
        const commit = isClient && decoder.decode(buffer.subarray(0, n)).endsWith("COMMIT");
        if (commit && Math.random() < state.chance) {
          cut = true;
          state.eaten++;
        }
        let at = 0;
        while (at < n) at += await to.write(buffer.subarray(at, n));
        if (commit && cut) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          return;
        }
      }
    };
    await Promise.race([pass(client, server, true), pass(server, client, false)]).catch(() => {});
    for (const socket of [client, server]) {
      open.delete(socket);
      try {
        socket.close();
      } catch {
        // It has gone.
      }
    }
  };
  const decoder = new TextDecoder();
  const running: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const client of listener) running.push(serve(client).catch(() => {}));
  })().catch(() => {});
  return {
    state,
    port: (listener.addr as Deno.NetAddr).port,
    async close() {
      listener.close();
      await accepting;
      for (const socket of open) socket.close();
      await Promise.all(running);
    },
  };
}

Deno.test({
  name:
    "mysql: commits whose answer is lost: every message is stored once, in one order, whoever repeats it (P1, P2, P3)",
  // The connections that the test cuts end a little later.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const server = await Mariadb.start();
    const url = await server.database();
    const eater = commitEater(server.port, 0);
    const db = openMysql(url.replace(`:${server.port}`, `:${eater.port}`));
    await migrate(db);
    const data = createLocalData(db, { now: Date.now, nextId: createIds(Date.now) });
    const world = new World({ data, clock: { nowMs: 0 } });
    const users = await world.users(4);
    const group = await world.group(users[0], ...users.slice(1));
    eater.state.chance = 0.3;
    let repeated = 0;
    const send = async (i: number): Promise<[string, number]> => {
      const request = {
        conversationId: group,
        senderId: users[i % 4],
        clientId: `c${i}`,
        body: bodyOf(`${i}`),
      };
      for (;;) {
        try {
          return [request.clientId, (await data.log.append(request)).seq];
        } catch (error) {
          assert.ok(error instanceof ImError && error.code === "unavailable", String(error));
          repeated++;
        }
      }
    };
    const acked: [string, number][] = [];
    for (let round = 0; round < 30; round++) {
      acked.push(...await Promise.all(Array.from({ length: 10 }, (_, i) => send(round * 10 + i))));
    }
    eater.state.chance = 0;
    // How many commits there are depends on how many sends one of them takes along.
    assert.ok(eater.state.eaten > 0, `${eater.state.eaten} answers were lost`);
    assert.ok(repeated > 0);
    const entries = await world.read(group, users[0]);
    assertSeqs(entries, 1, 301);
    const stored = new Map(entries.map((entry) => [entry.clientId, entry.seq]));
    for (const [clientId, seq] of acked) assert.equal(stored.get(clientId), seq, clientId);
    await db.close();
    await eater.close();
    await server.remove();
  },
});
