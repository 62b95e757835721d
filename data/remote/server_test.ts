import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import {
  HealthCheckResponse_ServingStatus as Status,
  HealthDefinition,
} from "../../proto/gen/grpc/health/v1/health.ts";
import type { HealthCheckResponse } from "../../proto/gen/grpc/health/v1/health.ts";
import {
  ServerReflectionDefinition,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from "../../proto/gen/grpc/reflection/v1/reflection.ts";
import { type ResultBatch, StreamDefinition } from "../../proto/gen/stream.ts";
import { stubData } from "../../tests/support/dbproxies.ts";
import { METHOD_BY_PATH } from "./methods.ts";
import { serveData } from "./server.ts";
import { asBytes, toMethod } from "./transport.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** A dbproxy and a plain client of grpc-js, as anybody's tool would be. */
async function open() {
  const stub = stubData({ users: { get: ({ ids }) => Promise.resolve({ users: ids.map(user) }) } });
  const server = await serveData(stub, { listen: { host: "127.0.0.1", port: 0 } });
  const options = { "grpc.enable_channelz": 0, "grpc.use_local_subchannel_pool": 1 };
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure(), options);
  const close = async () => {
    client.close();
    await server.close();
  };
  return { server, client, [Symbol.asyncDispose]: close };
}

const user = (id: number) => ({ id, username: `u${id}`, displayName: "", role: 0, createdAt: 0 });

function unary(client: Client, path: string, payload: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asBytes.serialize, asBytes.deserialize, payload, (error, response) => {
      if (error) reject(error);
      else resolve(response!);
    });
  });
}

const { check, watch } = HealthDefinition.methods;
const CHECK = "/grpc.health.v1.Health/Check";

Deno.test("server: any gRPC client can call a method on its standard path", async () => {
  await using world = await open();
  const path = "/imserver.v1.Users/Get";
  const { request, response } = METHOD_BY_PATH.get(path)!;
  const answer = await unary(world.client, path, request.encode({ ids: [5, 2 ** 52] }).finish());
  assert.deepEqual(response.decode(answer), { users: [user(5), user(2 ** 52)] });
  await assert.rejects(unary(world.client, "/imserver.v1.Users/Nope", answer), {
    code: status.UNIMPLEMENTED,
  });
  const broken = Uint8Array.of(0x0a, 0xff, 0xff);
  await assert.rejects(unary(world.client, path, broken), {
    code: status.INVALID_ARGUMENT,
    details: /^invalid_params: /,
  });
});

Deno.test("server: a method that it does not know fails alone among the calls of a stream", async () => {
  await using world = await open();
  const { path, requestSerialize, responseDeserialize } = toMethod(
    "/imserver.v1.Stream/Call",
    StreamDefinition.methods.call,
  );
  const stream = world.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const payload = METHOD_BY_PATH.get("/imserver.v1.Users/Get")!.request.encode({ ids: [5] }).finish();
  const call = (id: number, path: string) => ({ id, path, payload, timeoutMs: 0, traceparent: "" });
  const outcomes = new Map<number, string>();
  const done = new Promise<void>((resolve) =>
    stream.on("data", ({ results }: ResultBatch) => {
      for (const { id, outcome } of results) {
        outcomes.set(id, outcome?.$case === "failure" ? outcome.failure.code : "answered");
      }
      if (outcomes.size === 3) resolve();
    })
  );
  stream.write({
    calls: [
      call(1, "/imserver.v1.Users/Get"),
      call(2, "/imserver.v1.Users/Later"),
      call(3, "/imserver.v1.Users/Get"),
    ],
  });
  await done;
  assert.deepEqual([1, 2, 3].map((id) => outcomes.get(id)), ["answered", "method_not_found", "answered"]);
  stream.end();
});

Deno.test("health: asked and watched, it says what was set", async () => {
  await using world = await open();
  const ask = async (service: string) => {
    const request = check.requestType.encode({ service }).finish();
    return check.responseType.decode(await unary(world.client, CHECK, request)).status;
  };
  assert.equal(await ask(""), Status.SERVING);
  assert.equal(await ask("imserver.v1.Log"), Status.SERVING);
  await assert.rejects(ask("imserver.v1.Nope"), { code: status.NOT_FOUND });

  const method = toMethod("/grpc.health.v1.Health/Watch", watch);
  const follow = (service: string) => {
    const decode = method.responseDeserialize as (bytes: Buffer) => HealthCheckResponse;
    const path = method.path;
    return world.client.makeServerStreamRequest(
      path,
      method.requestSerialize,
      decode,
      { service },
      new Metadata(),
    );
  };
  const [known, unknown] = [follow("imserver.v1.Log"), follow("imserver.v1.Nope")];
  const seen: Status[] = [];
  const told = () => new Promise((resolve) => known.once("data", resolve));
  known.on("data", ({ status }: HealthCheckResponse) => seen.push(status));
  await told();
  for (const serving of [false, false, true]) {
    const next = told();
    const before = seen.length;
    world.server.setServing(serving);
    if (serving !== (seen[before - 1] === Status.SERVING)) await next;
  }
  assert.deepEqual(seen, [Status.SERVING, Status.NOT_SERVING, Status.SERVING]);
  const strange = await new Promise<HealthCheckResponse>((resolve) => unknown.once("data", resolve));
  assert.equal(strange.status, Status.SERVICE_UNKNOWN);
  for (const call of [known, unknown]) {
    call.on("error", () => {});
    call.cancel();
  }
});

Deno.test("reflection: services, files with what they import, symbols, and what is not there", async () => {
  await using world = await open();
  for (const version of ["v1", "v1alpha"]) {
    const name = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const method = toMethod(name, ServerReflectionDefinition.methods.serverReflectionInfo);
    const decode = method.responseDeserialize as (bytes: Buffer) => ServerReflectionResponse;
    const call = world.client.makeBidiStreamRequest(name, method.requestSerialize, decode, new Metadata());
    const ask = (messageRequest: ServerReflectionRequest["messageRequest"]) => {
      const answer = new Promise<ServerReflectionResponse>((resolve) => call.once("data", resolve));
      call.write({ host: "", messageRequest });
      return answer.then(({ messageResponse }) => messageResponse!);
    };
    const listed = await ask({ $case: "listServices", listServices: "" });
    assert.ok(listed.$case === "listServicesResponse");
    const services = listed.listServicesResponse.service.map(({ name }) => name);
    for (const name of ["imserver.v1.Log", "imserver.v1.Stream", "grpc.health.v1.Health"]) {
      assert.ok(services.includes(name), name);
    }
    const count = async (symbol: string) => {
      const found = await ask({ $case: "fileContainingSymbol", fileContainingSymbol: symbol });
      if (found.$case === "errorResponse") return found.errorResponse.errorCode;
      assert.ok(found.$case === "fileDescriptorResponse");
      return found.fileDescriptorResponse.fileDescriptorProto.map((bytes) => new TextDecoder().decode(bytes));
    };
    const files = await count("imserver.v1.Conversations");
    assert.ok(Array.isArray(files) && files[0].includes("conversation.proto") && files.length === 2);
    for (const symbol of ["imserver.v1.Log.Append", "imserver.v1.Entry.seq", "imserver.v1.Entry"]) {
      assert.equal((await count(symbol) as string[]).length, 1, symbol);
    }
    assert.equal(await count("imserver.v1.Nope"), status.NOT_FOUND);
    const file = await ask({ $case: "fileByFilename", fileByFilename: "grpc/health/v1/health.proto" });
    assert.equal(file.$case, "fileDescriptorResponse");
    const ended = new Promise((resolve) => call.once("end", resolve));
    call.end();
    await ended;
  }
});
