import assert from "node:assert/strict";
import { eventually } from "../support/browser.ts";
import type { Person } from "./person.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice" };
const BOB = { username: "bob", displayName: "Bob" };
const UNKNOWN = "This message cannot be shown here";

/** Sends what the page has no way to write. */
const post = (person: Person, clientId: string, content: object) =>
  person.request("POST", `${person.conversation}/messages`, { clientId, content });
const chips = (person: Person) =>
  person.page.getByTestId("reactions").locator("[aria-hidden]").allInnerTexts();

scene("edits, recalls, reactions and pins change messages, live and after a reload", async ({ join }) => {
  const [alice, bob] = await Promise.all([join(ALICE), join(BOB, { locale: "zh-CN" })]);
  await alice.find("bob", "Bob");
  await alice.say("Hello Bbo", "a secret", "stays");
  await bob.open("Alice");
  await bob.sees("Hello Bbo", "a secret", "stays");
  const at = (seq: number) => `${alice.conversation}/messages/${seq}`;
  const emoji = (one: string) => encodeURIComponent(one);

  await alice.request("PUT", at(1), { content: { type: "text", text: "Hello Bob" } });
  await alice.request("POST", `${at(2)}/recall`);
  await alice.request("PUT", `${at(1)}/reactions/${emoji("👍")}`);
  await bob.request("PUT", `${at(1)}/reactions/${emoji("👍")}`);
  await bob.request("PUT", `${at(3)}/reactions/${emoji("🎉")}`);
  await alice.request("PUT", `${alice.conversation}/pins/3`);
  const check = async () => {
    await alice.sees("Hello Bob", "Message recalled", "stays");
    await bob.sees("Hello Bob", "消息已撤回", "stays");
    for (const person of [alice, bob]) await eventually(() => chips(person), ["👍 2", "🎉 1"]);
    await eventually(() => alice.page.locator(".edited").allInnerTexts(), ["edited"]);
    await eventually(() => bob.page.locator(".edited").allInnerTexts(), ["已编辑"]);
    assert.equal(await bob.page.locator(".event").count(), 0, "no change has a line of its own");
  };
  await check();
  await alice.row("Bob").getByText("You: stays").waitFor();

  // The list shows the message as it is now.
  await alice.request("PUT", at(3), { content: { type: "text", text: "goes" } });
  await bob.row("Alice").getByText("goes").waitFor();
  await alice.request("POST", `${at(3)}/recall`);
  await alice.row("Bob").getByText("You: Message recalled").waitFor();
  await bob.row("Alice").getByText("消息已撤回").waitFor();
  await eventually(() => chips(bob), ["👍 2"]);

  await bob.request("POST", `${alice.conversation}/messages/delete`, { seqs: [2] });
  await alice.say("last");
  const shots = Deno.env.get("IMSERVER_SHOTS");
  for (const person of [alice, bob]) {
    await person.page.reload();
    await eventually(() => chips(person), ["👍 2"]);
  }
  if (shots) await alice.screenshot(`${shots}/messages.png`);
  await alice.sees("Hello Bob", "Message recalled", "Message recalled", "last");
  await bob.sees("Hello Bob", "消息已撤回", "last");
});

scene("what is no text is told by its name; a reply has a line of what it answers", async ({ join }) => {
  const [alice, bob] = await Promise.all([join(ALICE), join(BOB)]);
  await alice.find("bob", "Bob");
  await alice.say("What shall I bring?");
  await alice.sees("What shall I bring?");
  await bob.open("Alice");
  const file = { url: "https://files.example/1", name: "plan.pdf", size: 10, mime: "application/pdf" };
  await post(bob, "1", { type: "text", text: "The plan.", replyTo: 1 });
  await post(bob, "2", { type: "file", file, caption: "as of today" });
  await post(bob, "3", { type: "location", latitude: 52.5, longitude: 13.4 });
  await post(bob, "4", { type: "card", userId: "1" });
  await post(bob, "5", { type: "custom", name: "poll", data: {}, fallback: "A poll: when?" });
  const seqs = [1, 2];
  const fromConversationId = bob.conversation.split("/").at(-1);
  await bob.request("POST", `${bob.conversation}/forwards`, {
    clientId: "6",
    fromConversationId,
    seqs,
    merged: true,
    title: "Our talk",
  });
  const words = ["What shall I bring?", "The plan.", "plan.pdf", "52.50000, 13.40000", "Contact card"];
  for (const person of [alice, bob]) await person.sees(...words, "A poll: when?", "Our talk");
  assert.match(await alice.page.getByTestId("quote").innerText(), /You\s+What shall I bring\?$/);
  await alice.page.getByText("as of today").waitFor();
  const merged = alice.page.locator(".merged-line");
  assert.deepEqual(await merged.allInnerTexts(), ["Alice: What shall I bring?", "Bob: The plan."]);
  await alice.row("Bob").getByText("[Messages] Our talk").waitFor();
  assert.equal(await alice.page.getByText(UNKNOWN).count(), 0);
  const shots = Deno.env.get("IMSERVER_SHOTS");
  if (shots) await alice.screenshot(`${shots}/contents.png`);
});

scene("links of http and https can be followed, and nothing else", async ({ join }) => {
  const [alice] = await Promise.all([join(ALICE), join(BOB)]);
  await alice.find("bob", "Bob");
  const text = "See https://example.org/a?b=1#c, javascript:alert(1) or <a href=x>http://b.example</a>";
  await alice.say(text);
  await alice.sees(text);
  const links = await alice.page.locator(".words a").evaluateAll((found) =>
    found.map((link) => ["href", "target", "rel"].map((name) => link.getAttribute(name)))
  );
  const safe = ["_blank", "noopener noreferrer nofollow"];
  assert.deepEqual(links, [["https://example.org/a?b=1#c", ...safe], ["http://b.example/", ...safe]]);
});

scene("a text that is too long is kept whole, and not sent", async ({ join }) => {
  const [alice] = await Promise.all([join(ALICE), join(BOB)]);
  await alice.find("bob", "Bob");
  await alice.composer.fill("x".repeat(16_001));
  await alice.page.getByRole("alert").getByText("A message has at most 16000 characters").waitFor();
  assert.ok(await alice.button("Send").isDisabled());
  await alice.composer.press("Enter");
  assert.equal((await alice.composer.inputValue()).length, 16_001);
  assert.deepEqual(await alice.texts(), []);
  await alice.composer.press("Backspace");
  await alice.page.getByRole("alert").waitFor({ state: "detached" });
  await alice.button("Send").click();
  await alice.sees("x".repeat(16_000));
});

scene("the head of a chat says who is writing, until they have stopped or sent it", async ({ join }) => {
  const [alice, bob] = await Promise.all([join(ALICE), join(BOB, { locale: "zh-CN" })]);
  await alice.find("bob", "Bob");
  await alice.say("Hi");
  await bob.open("Alice");
  const head = (person: Person) => person.page.getByTestId("chat-subtitle").innerText();
  await alice.composer.pressSequentially("I th");
  await eventually(() => head(bob), "Alice 正在输入");
  await alice.composer.fill("");
  await eventually(() => head(bob), bob.words.contacts.online);
  await bob.composer.pressSequentially("在");
  await eventually(() => head(alice), "Bob is typing");
  await bob.composer.press("Enter");
  await eventually(() => head(alice), alice.words.contacts.online);
  await alice.composer.pressSequentially("and gone");
  await eventually(() => head(bob), "Alice 正在输入");
  await alice.page.close();
  await eventually(async () => (await head(bob)).includes("正在输入"), false);
});
