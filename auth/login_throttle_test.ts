import assert from "node:assert/strict";
import { ImError } from "../wire/errors.ts";
import { createLoginThrottle } from "./login_throttle.ts";

const limited = (error: unknown) =>
  error instanceof ImError && error.code === "rate_limited" && (error.details.retryAfterMs ?? 0) > 0;

Deno.test("after so many failures a name is closed to an address, and to no other", async () => {
  const throttle = createLoginThrottle({ perName: 3, perAddress: 100 });
  for (let i = 0; i < 3; i++) {
    await throttle.check("10.0.0.1", "alice");
    await throttle.failed("10.0.0.1", "alice");
  }
  await assert.rejects(throttle.check("10.0.0.1", "alice"), limited);
  await throttle.check("10.0.0.2", "alice");
  await throttle.check("10.0.0.1", "bob");
});

Deno.test("an address that tries many names is closed to all", async () => {
  const throttle = createLoginThrottle({ perName: 3, perAddress: 5 });
  for (let i = 0; i < 5; i++) await throttle.failed("10.0.0.1", `name${i}`);
  await assert.rejects(throttle.check("10.0.0.1", "another"), limited);
  await throttle.check("10.0.0.2", "another");
});
