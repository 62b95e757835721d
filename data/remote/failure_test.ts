import assert from "node:assert/strict";
import { type ErrorCode, type ErrorDetails, ERRORS, ImError } from "../../wire/errors.ts";
import { openDbproxies, stubData } from "../../tests/support/dbproxies.ts";
import { fromFailure, fromStatus, toFailure, toStatus } from "./failure.ts";

const DETAILS: ErrorDetails[] = [
  {},
  { field: "content.文字" },
  { retryAfterMs: 1_500 },
  { field: "", retryAfterMs: 0 },
];

const errors = (Object.keys(ERRORS) as ErrorCode[]).flatMap((code) =>
  DETAILS.map((details, i) => new ImError(code, i === 0 ? undefined : `no 好 ${i}\r\n${code}`, details))
);

function assertSame(error: unknown, wanted: ImError): void {
  assert.ok(error instanceof ImError, String(error));
  assert.deepEqual([error.code, error.message, error.details], [wanted.code, wanted.message, wanted.details]);
}

Deno.test("failure: every code and every detail crosses, by the stream and by a status", () => {
  for (const error of errors) {
    assertSame(fromFailure(toFailure(error)), error);
    assertSame(fromStatus({ metadata: toStatus(error).metadata ?? undefined }), error);
  }
  assert.equal(fromStatus({}), undefined);
});

Deno.test("failure: a code that only a newer version knows is internal", () => {
  assertSame(fromFailure({ code: "toString", message: "x" }), new ImError("internal"));
});

Deno.test("failure: over real sockets, and what was not meant for clients stays behind", async () => {
  let next: unknown;
  const fail = () => Promise.reject(next);
  const stub = stubData({ log: { append: fail }, users: { create: fail } });
  await using world = await openDbproxies([stub]);
  const hot = () => world.data.log.append({ conversationId: 1, senderId: 1, clientId: "a", body: "{}" });
  const cold = () =>
    world.data.users.create({
      username: "ann",
      usernameKey: "ann",
      displayName: "Ann",
      displayKey: "ann",
      passwordHash: "",
    });
  for (const call of [hot, cold]) {
    for (const error of errors.filter((_, i) => i % 7 === 0)) {
      next = error;
      await call().then(() => assert.fail(), (got) => assertSame(got, error));
    }
    next = new Error("secret place");
    await call().then(() => assert.fail(), (got) => assertSame(got, new ImError("internal")));
  }
});
