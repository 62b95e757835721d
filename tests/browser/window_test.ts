import assert from "node:assert/strict";
import { join } from "node:path";
import { fill } from "../../bench/history.ts";
import { eventually } from "../support/browser.ts";
import type { Person } from "./person.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice" };
const BOB = { username: "bob", displayName: "Bob" };
const SIZE = 3_000;
const HOUR_MS = 3_600_000;
const words = (seq: number) => `message number ${seq} of a long conversation`;

/** The messages that are in view, from above to below, by what they say. */
const inView = (person: Person) =>
  person.page.evaluate(() => {
    const list = document.querySelector(".messages")!.getBoundingClientRect();
    return [...document.querySelectorAll("[data-testid=message]")].flatMap((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      if (top < list.top - 1 || bottom > list.bottom + 1) return [];
      return [{ text: row.querySelector("[data-testid=message-text]")!.textContent!, top: Math.round(top) }];
    });
  });
const showsInView = (person: Person, text: string) =>
  eventually(async () => (await inView(person)).some((one) => one.text === text), true);
const rows = (person: Person) => person.page.getByTestId("message").count();
const scrollTo = (person: Person, edge: "top" | "bottom") =>
  person.page.locator(".messages").evaluate((list, edge) => {
    list.scrollTop = edge === "top" ? 0 : list.scrollHeight;
  }, edge);
const seqOf = (text: string) => Number(/\d+/.exec(text)![0]);

/** Alice and bob, between whom much was said, an hour from one message to the next; alice has read none of it. */
scene(
  "a long conversation is a window: scrolled through both ways, jumped in, its place kept",
  async (all) => {
    const { dataDir, restart } = all;
    const [alice, bob] = [await all.join(ALICE), await all.join(BOB, { locale: "zh-CN" })];
    await bob.find("alice", "Alice");
    const id = bob.conversation.split("/").at(-1)!;
    const me = await bob.request("GET", "/users/me");
    for (const one of [alice, bob]) one.expect(/ERR_CONNECTION_REFUSED/);
    await restart(() =>
      Promise.resolve(fill(join(dataDir, "imserver.db"), Number(id), Number(me.id), SIZE, HOUR_MS))
    );
    // It opens where it is new: at the beginning, since she has read nothing.
    await alice.page.goto(`${alice.url}/#/chat/${id}`);
    await alice.page.reload();
    const unread = alice.page.getByTestId("unread-line");
    await unread.waitFor();
    await showsInView(alice, words(1));
    assert.equal(await unread.innerText(), "New messages");
    const newest = alice.button("3000 new messages");
    await newest.waitFor();

    // Downwards page by page, upwards again; what is far away is let go.
    for (let i = 0; i < 8; i++) {
      const before = (await inView(alice)).at(-1)!;
      await scrollTo(alice, "bottom");
      await eventually(async () => seqOf((await inView(alice)).at(-1)!.text) > seqOf(before.text), true);
      assert.ok(await rows(alice) <= 250, `${await rows(alice)} rows`);
    }
    const [reached] = await inView(alice);
    assert.ok(seqOf(reached.text) > 200, reached.text);
    assert.equal(await unread.count(), 0);
    for (let i = 0; i < 20 && !(await inView(alice)).some(({ text }) => text === words(1)); i++) {
      const [first] = await inView(alice);
      await scrollTo(alice, "top");
      await eventually(async () => seqOf((await inView(alice))[0].text) < seqOf(first.text), true);
    }
    await showsInView(alice, words(1));

    // A link leads to a message, which is marked; what comes meanwhile does not move it.
    await alice.page.goto(`${alice.url}/#/chat/${id}?at=1500`);
    await showsInView(alice, words(1500));
    await alice.page.locator(".flash").getByText(words(1500)).waitFor();
    assert.equal(new URL(alice.page.url()).hash, `#/chat/${id}`);
    const place = await inView(alice);
    await bob.page.reload();
    await bob.say("and now?");
    await alice.button("3001 new messages").waitFor();
    const now = await inView(alice);
    assert.deepEqual(now.map(({ text }) => text), place.map(({ text }) => text));
    assert.ok(Math.abs(now[0].top - place[0].top) <= 1);

    // To the newest, where it is read; and to a day.
    await alice.button("3001 new messages").click();
    await showsInView(alice, "and now?");
    await eventually(async () => (await alice.request("GET", `/conversations/${id}`)).unread, 0);
    await alice.page.locator(".day > button").last().click();
    const date = new Date(Date.now() - 2_000 * HOUR_MS);
    const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
      .map((part) => String(part).padStart(2, "0")).join("-");
    await alice.page.getByRole("textbox", { name: "Date" }).fill(day);
    await alice.button("Go").click();
    await alice.page.getByRole("dialog").waitFor({ state: "detached" });
    await eventually(async () => {
      const seq = seqOf((await inView(alice))[0]?.text ?? "0");
      return Math.abs(seq - 1_000) < 30;
    }, true);

    // An answer shows what it answers, however far away that is, and leads there.
    await bob.request("POST", `/conversations/${id}/messages`, {
      clientId: "answer",
      content: { type: "text", text: "as I said", replyTo: 40 },
    });
    await alice.button("1 new message").click();
    await alice.page.getByTestId("quote").getByText(words(40)).click();
    await showsInView(alice, words(40));
    // Whoever says something is taken to where it stands.
    await alice.say("I see");
    await showsInView(alice, "I see");
  },
);

scene("what comes while nobody looks stands under a line until one has answered", async ({ join: enter }) => {
  const [alice, bob] = await Promise.all([enter(ALICE), enter(BOB)]);
  await alice.find("bob", "Bob");
  await alice.say("hello");
  await bob.open("Alice");
  await bob.sees("hello");
  const unread = bob.page.getByTestId("unread-line");
  await unread.waitFor();
  await bob.go("settings");
  await alice.say("one", "two");
  await bob.page.locator(".rail").getByTestId("unread").getByText("2", { exact: true }).waitFor();
  await bob.go("chats");
  await bob.open("Alice");
  await bob.sees("hello", "one", "two");
  const after = () =>
    unread.evaluate((line) =>
      line.nextElementSibling!.querySelector("[data-testid=message-text]")!.textContent
    );
  assert.equal(await after(), "one");
  await bob.say("three");
  await unread.waitFor({ state: "detached" });
});
