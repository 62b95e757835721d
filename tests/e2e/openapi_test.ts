import assert from "node:assert/strict";
import { Parser } from "@asyncapi/parser";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/2020";
import { type Operation, operations } from "../../wire/operations.ts";
import { NOTIFICATION_NAMES } from "../../wire/notification_schemas.ts";
import { type ApiDocument, close, type Json } from "../support/api_document.ts";
import { register, Wire } from "../support/people.ts";
import { startServer, tempFolder } from "../support/server.ts";

const ALL = Object.entries(operations) as [string, Operation][];

Deno.test("the documents are served, and not again to who has them; validators of others accept them", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  for (const path of ["/openapi.json", "/asyncapi.json"]) {
    const response = await fetch(server.url + path);
    const etag = response.headers.get("etag")!;
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("cache-control"), "no-cache");
    const text = await response.text();
    const again = await fetch(server.url + path, { headers: { "if-none-match": etag } });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
    if (path === "/openapi.json") {
      const { valid, errors } = await new Validator().validate(JSON.parse(text));
      assert.ok(valid, JSON.stringify(errors));
      assertWhole(JSON.parse(text));
    } else {
      const { document, diagnostics } = await new Parser().parse(text);
      assert.deepEqual(diagnostics.filter(({ severity }) => severity <= 1), []);
      assert.equal(document!.version(), "3.0.0");
      const calls = ALL.filter(([, { stream }]) => !stream).length;
      assert.equal(document!.operations().all().length, calls + NOTIFICATION_NAMES.length);
    }
  }
});

/** Every operation is there, with where its fields go and what repeating it does. */
function assertWhole(document: ApiDocument): void {
  const found = new Map(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, call]) => [call.operationId, { path, method, call }] as const)
    ),
  );
  assert.deepEqual([...found.keys()].sort(), ALL.map(([name]) => name).sort());
  for (const [name, { method, path, access, input, stream }] of ALL) {
    const { call, ...at } = found.get(name)!;
    assert.deepEqual(at, { path: `/api/v1${path}`, method: method.toLowerCase() });
    assert.equal(call.security.length === 0, access === "public", name);
    const body = call.requestBody?.content["application/json"]?.schema.properties ?? {};
    const fields = [...(call.parameters ?? []).map((one) => one.name), ...Object.keys(body)];
    assert.deepEqual(fields.sort(), Object.keys(input.shape).sort(), name);
    if (stream?.body) assert.ok(call.requestBody!.content[stream.body], name);
    for (const status of [400, 401, 404, 429, 500, 503]) {
      assert.ok(call.responses[status], `${name} ${status}`);
    }
  }
  const counts = [...JSON.stringify(document).matchAll(/"minimum":(-\d+)/g)].map(([, least]) =>
    Number(least)
  );
  assert.deepEqual(
    counts.filter((least) => least < -180),
    [],
    "no whole number here may be below 0, but degrees",
  );
  const repeated = (name: string) => (found.get(name)!.call as unknown as Json)["x-idempotency"];
  assert.deepEqual(
    ["message.send", "friend.remove", "friend.accept", "group.create", "message.get"].map(repeated),
    ["by clientId", "same", "done: request_not_found", "again", "same"],
  );
}

Deno.test("what a WebSocket hears is as asyncapi.json says", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const document = await (await fetch(`${server.url}/asyncapi.json`)).json();
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "https://imserver.test/socket", ...document, components: close(document.components) });
  const check = (message: string, payload: unknown) => {
    const validate = ajv.compile({
      $ref: `https://imserver.test/socket#/components/messages/${message}/payload`,
    });
    assert.ok(validate(payload), `${message}: ${ajv.errorsText(validate.errors)} ${JSON.stringify(payload)}`);
  };
  const [ann, bob] = [await register(server.url), await register(server.url)];
  const [wire, other] = [
    await Wire.open(server.url, ann.accessToken),
    await Wire.open(server.url, bob.accessToken),
  ];
  const call: Wire["call"] = async (method, params) => {
    check(`call-${method.replace(".", "-")}`, { jsonrpc: "2.0", id: 1, method, params });
    const result = await wire.call(method, params);
    check(`answer-${method.replace(".", "-")}`, { jsonrpc: "2.0", id: 1, result });
    return result;
  };
  await call("friend.request", { userId: bob.id, note: "hi" });
  await other.call("friend.accept", { userId: ann.id });
  await call("presence.subscribe", { userIds: [bob.id] });
  const { id: conversationId } = await call("conversation.openDirect", { userId: bob.id });
  const group = await call("group.create", { title: "g", memberIds: [bob.id] });
  await call("message.send", { conversationId, clientId: "1", content: { type: "text", text: "hello" } });
  await call("reaction.add", { conversationId, seq: 1, emoji: "👍" });
  await call("conversation.configure", { conversationId, draft: "well", muted: true });
  await other.call("typing.set", { conversationId, on: true });
  await other.call("conversation.markRead", { conversationId, seq: 1 });
  await call("conversation.markRead", { conversationId, seq: 2 });
  await call("friend.list", {});
  await call("friend.sync", {});
  await call("conversation.list", {});
  await call("message.history", { conversationId });
  await call("log.read", { conversationId: group.id });
  await other.close();
  const heard = () => new Set(wire.notifications.map(({ method }) => method));
  const wanted = NOTIFICATION_NAMES.filter((name) => !["sync.needed", "presence.changed"].includes(name));
  await wire.until(() => wanted.every((name) => heard().has(name))).catch(() => {
    assert.deepEqual(wanted.filter((name) => !heard().has(name)), []);
  });
  for (const { method, params } of wire.notifications) {
    check(`told-${method.replace(".", "-")}`, { jsonrpc: "2.0", method, params });
  }
  await assert.rejects(wire.call("user.get", { userId: "1" }));
  await wire.close();
});
