import assert from "node:assert/strict";
import { createClient, openView } from "../../sdk/mod.ts";
import { eventually } from "../support/browser.ts";
import { Cluster } from "../support/cluster.ts";
import { register, rest } from "../support/people.ts";
import { runProgram } from "../support/server.ts";
import { openTcpProxy, type TcpProxy } from "../support/tcp_proxy.ts";

/** The primary is lost, and the replica that takes its place lacks what was acked last: clients must not trust their seq. */
Deno.test("a lagging replica is promoted: with the epoch raised, clients that stayed connected begin anew", async () => {
  let database: TcpProxy | undefined;
  await using cluster = await Cluster.start({
    ground: "replica",
    fast: true,
    between: (what, port) => what === "database" ? (database ??= openTcpProxy(port)).port : port,
  });
  const { primary, replica } = cluster.pair!;
  const [url] = cluster.gateways.map(({ server }) => server.url);
  const [ann, bob] = [await register(url), await register(url)];
  const { id: conversationId } = await rest(
    url,
    "conversation.openDirect",
    { userId: bob.id },
    ann.accessToken,
  );
  let sent = 0;
  const say = (text: string) => {
    const input = { conversationId, clientId: `${++sent}`, content: { type: "text" as const, text } };
    return rest(url, "message.send", input, ann.accessToken);
  };
  const client = createClient({ baseUrl: url, accessToken: bob.accessToken, backoff: { capMs: 200 } });
  const restarts: boolean[] = [];
  client.on("sync", ({ restart }) => restarts.push(restart));
  await client.online();
  const view = openView(client, { conversationId });
  const shows = (...texts: string[]) =>
    eventually(
      () => Promise.resolve(view.messages.map(({ content }) => content.text)),
      texts as unknown[],
      45_000,
    );

  await say("one");
  await cluster.pair!.caughtUp();
  await replica.query("STOP SLAVE");
  await say("lost");
  await say("lost too");
  await shows("one", "lost", "lost too");

  await primary.kill();
  for (const dbproxy of cluster.dbproxies) await dbproxy.stop();
  for (const statement of ["STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = 0"]) {
    await replica.query(statement);
  }
  const raised = await runProgram(["epoch", "raise", "--database", replica.url("chat")]);
  assert.equal(raised.stdout, "epoch 2\n", raised.stderr);
  database!.redirect(replica.port);
  for (const dbproxy of cluster.dbproxies) await dbproxy.start();

  sent = 10;
  await eventually(() => say("after").then(({ seq }) => seq, (error) => error.code), 2);
  await shows("one", "after");
  assert.equal(restarts.filter((restart) => restart).length, 1, "it began anew once");
  await say("and more");
  await shows("one", "after", "and more");
  view.close();
  client.close();
  await database!.close();
});
