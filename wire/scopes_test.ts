import assert from "node:assert/strict";
import { type Operation, operations } from "./operations.ts";
import { botAccessOf, SCOPES } from "./scopes.ts";

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
  const all = Object.entries<Operation>(operations).map(([name, one]) => [name, botAccessOf(name, one)]);
  for (const [name, access] of all) {
    if (/^(session|bot|admin)\./.test(name)) assert.equal(access, "never", name);
  }
  for (const scope of SCOPES) assert.ok(all.some(([, access]) => access === scope), scope);
});
