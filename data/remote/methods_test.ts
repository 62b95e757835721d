import assert from "node:assert/strict";
import { FILES } from "../../proto/gen/descriptors.ts";
import { METHOD_BY_PATH, METHODS } from "./methods.ts";

Deno.test("methods: the table has every method of the proto files, on its standard path", () => {
  const data = /^imserver\.v1\.(?!Stream\b)/;
  const services = FILES.flatMap((file) => file.services).filter((name) => data.test(name));
  const declared = FILES.flatMap(({ symbols }) => symbols)
    .filter((symbol) => services.some((service) => symbol.startsWith(`${service}.`)))
    .map((symbol) => `/${symbol.replace(/\.(\w+)$/, "/$1")}`);
  assert.deepEqual([...METHOD_BY_PATH.keys()].toSorted(), declared.toSorted());
  assert.equal(METHOD_BY_PATH.size, METHODS.length);
});

Deno.test("methods: what is about one conversation goes one way, what is about a user another", () => {
  const key = (path: string, request: unknown) => METHOD_BY_PATH.get(`/imserver.v1.${path}`)!.key(request);
  assert.equal(key("Log/Append", { conversationId: 7, senderId: 3 }), 7);
  assert.equal(key("Conversations/MarkRead", { conversationId: 7, userId: 3 }), 7);
  assert.equal(key("Log/Tail", { logId: 9 }), 9);
  assert.equal(key("Sessions/Check", { id: 5, userId: 3 }), 3);
  assert.equal(key("Conversations/CreateGroup", { ownerId: 4 }), 4);
  assert.equal(key("Users/Get", { ids: [1] }), undefined);
  assert.equal(key("Log/Moved", { since: 1 }), undefined);
});

Deno.test("methods: what ends or makes something once is never repeated", () => {
  const repeated = METHODS.filter(({ idempotent }) => idempotent).map(({ service, name }) =>
    `${service}.${name}`
  );
  for (const once of ["users.create", "sessions.rotate", "sessions.create", "conversations.createGroup"]) {
    assert.ok(!repeated.includes(once), once);
  }
  assert.ok(repeated.includes("log.append"));
  // A stream that breaks says of no call whether it was written.
  for (const { hot, idempotent, path } of METHODS) assert.ok(!hot || idempotent, path);
});
