import assert from "node:assert/strict";
import { type Operation, operations } from "./operations.ts";
import { botAccessOf, mayHear, mayReadInInbox, SCOPES, suffices } from "./scopes.ts";

const operation = { access: "user", method: "GET" } as const;

Deno.test("what an operation says of bots counts before the table, and the table before nothing", () => {
  assert.equal(botAccessOf("message.get", operation), "messages:read");
  assert.equal(botAccessOf("message.send", { ...operation, method: "POST" }), "messages:write");
  assert.equal(botAccessOf("message.get", { ...operation, bots: "never" }), "never");
  assert.equal(botAccessOf("unheard.of", operation), "never", "what nobody thought of is not for bots");
  assert.equal(botAccessOf("toString.x", operation), "never");
  assert.equal(botAccessOf("message.get", { ...operation, access: "admin", bots: "any" }), "never");
});

Deno.test("no bot touches accounts, sessions, tokens or what is for admins; each scope is for something", () => {
  const all = Object.entries<Operation>(operations)
    .map(([name, one]) => [name, botAccessOf(name, one)] as const);
  for (const [name, access] of all) {
    if (/^(session|bot|admin)\./.test(name)) assert.equal(access, "never", name);
  }
  for (const scope of SCOPES) assert.ok(all.some(([, access]) => access === scope), scope);
});

Deno.test("several scopes are needed together; a person has no list and may all that they may", () => {
  const forward = botAccessOf("message.forward", operations["message.forward"]);
  assert.equal(suffices(["messages:write"], forward), false);
  assert.equal(suffices(["messages:read"], forward), false);
  assert.equal(suffices(["messages:write", "messages:read"], forward), true);
  assert.equal(suffices([], "any"), true);
  assert.equal(suffices([...SCOPES], "never"), false);
  assert.equal(suffices(undefined, "messages:read"), true);
  assert.equal(botAccessOf("message.search", operations["message.search"]), "messages:read");
});

Deno.test("a push takes the scope of what it is about; what nobody thought of in an inbox is hidden", () => {
  assert.equal(mayHear(["contacts", "messages:write", "groups:manage"], "log.append"), false);
  assert.equal(mayHear(["messages:read"], "log.append"), true);
  assert.equal(mayHear(["messages:read"], "presence.changed"), false);
  assert.equal(mayHear([], "session.ready"), true);
  assert.equal(mayHear(undefined, "presence.changed"), true);
  assert.equal(mayReadInInbox(["contacts"], "friend.changed"), true);
  assert.equal(mayReadInInbox(["contacts"], "conversation.joined"), false);
  assert.equal(mayReadInInbox([...SCOPES], "unheard.of" as "hidden"), false);
  assert.equal(mayReadInInbox(undefined, "friend.changed"), true);
});
