import assert from "node:assert/strict";
import { eventually } from "../support/browser.ts";
import type { Person } from "./person.ts";
import { scene } from "./scene.ts";

const banner = (person: Person) => person.page.getByTestId("connection-banner");

scene("the server goes and returns: a banner, and all that was written arrives once", async (scene) => {
  const people = [
    scene.join({ username: "alice", displayName: "Alice" }),
    scene.join({ username: "小波", displayName: "小波" }, { locale: "zh-CN" }),
    scene.join({ username: "carol", displayName: "Carol" }),
  ];
  const [alice, bob, carol] = await Promise.all(people);
  const everybody = [alice, bob, carol];
  for (const one of everybody) one.expect(/WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE/);
  await alice.find("carol", "Carol");
  await alice.say("Hi Carol");
  await alice.find("小波");
  await alice.say("before");
  await bob.open("Alice");
  await bob.sees("before");
  // Carol reads at the last moment, mostly too late to say so.
  await eventually(() => carol.unread(), ["1"]);
  await carol.open("Alice");
  await carol.sees("Hi Carol");

  const written = [1, 2, 3, 4, 5].map((n) => `while you were away ${n}`);
  await scene.restart(async () => {
    await alice.say(...written);
    await bob.say("我也在说话");
    await banner(alice).getByText("Connection lost. Reconnecting…").waitFor();
    await banner(bob).getByText("连接已断开，正在重新连接…").waitFor();
    assert.equal(await alice.page.getByTestId("message-sending").count(), 5);
    assert.deepEqual(await bob.texts(), ["before", "我也在说话"], "nothing can have arrived");
  });

  for (const one of everybody) await banner(one).waitFor({ state: "detached" });
  await eventually(async () => (await alice.texts()).length, 7);
  const order = await alice.texts();
  assert.deepEqual(order.filter((text) => text !== "我也在说话"), ["before", ...written]);
  for (const one of [alice, bob]) await one.sees(...order);
  for (const one of everybody) await eventually(() => one.unread(), []);

  // And what the server holds is just that.
  const entries: { content: { text: string } }[] = await alice.page.evaluate(async () => {
    const id = location.hash.split("/").at(-1);
    const response = await fetch(`/api/v1/conversations/${id}/log?after=0`);
    return (await response.json()).entries;
  });
  assert.deepEqual(entries.map(({ content }) => content.text), order);

  await alice.say("after");
  await bob.sees(...order, "after");
  await bob.page.reload();
  await bob.sees(...order, "after");
});
