import assert from "node:assert/strict";
import { COMMON_PASSWORDS, isCommonPassword, refuseCommonPassword } from "./common_passwords.ts";
import { ImError } from "../wire/errors.ts";

Deno.test("common passwords: the most used ones are known, in any case and width", () => {
  assert.ok(COMMON_PASSWORDS >= 10_000, `${COMMON_PASSWORDS}`);
  const common = [
    "password",
    "12345678",
    "PassWord",
    "qwertyuiop",
    "iloveyou",
    "1q2w3e4r",
    "１２３４５６７８",
  ];
  assert.deepEqual(common.filter((one) => !isCommonPassword(one)), []);
});

Deno.test("common passwords: others are let through", () => {
  const good = ["correct horse battery", "好马不吃回头草！", "password of my own", "", " password"];
  assert.deepEqual(good.filter(isCommonPassword), []);
  const random = Array.from({ length: 1_000 }, () => crypto.randomUUID());
  assert.ok(random.filter(isCommonPassword).length <= 1, "but for chance");
});

Deno.test("common passwords: the error names the field", () => {
  refuseCommonPassword("correct horse battery");
  assert.throws(
    () => refuseCommonPassword("password1", "newPassword"),
    (error) =>
      error instanceof ImError && error.code === "password_common" && error.details.field === "newPassword",
  );
});
