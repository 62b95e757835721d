import assert from "node:assert/strict";
import { STEP_MS, totpCode } from "../../auth/totp.ts";
import type { Input, OperationName, Output } from "../../wire/operations.ts";
import { firstAdmin } from "../support/first_admin.ts";
import { hasCode, type Person, register, rest, Wire } from "../support/people.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { inbox } from "../support/talkers.ts";

/** A second factor: what a login asks, what a code is good for, who can take it away. */

const password = "correct horse battery";

let data: ReturnType<typeof tempFolder>;
let server: Server;
let url: string;
let boss: Person;

Deno.test.beforeAll(async () => {
  data = tempFolder();
  server = await startServer({ dataDir: data.path });
  url = server.url;
  boss = await firstAdmin(server);
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

const call = <N extends OperationName>(who: Person, name: N, input: Input<N>): Promise<Output<N>> =>
  rest(url, name, input, who.accessToken);
const login = ({ username }: Person, more: { code?: string; password?: string } = {}) =>
  rest(url, "auth.login", { username, password, ...more });
const codeAt = (secret: string, later = 0) => totpCode(secret, Math.floor(Date.now() / STEP_MS) + later);
/** Six digits that are none of the codes around now. */
const wrongFor = (secret: string) => {
  const near = [-2, -1, 0, 1, 2, 3].map((later) => codeAt(secret, later));
  return ["000000", "111111", "222222", "333333", "444444", "555555", "666666"].find((c) =>
    !near.includes(c)
  )!;
};

async function withFactor() {
  const person = await register(url);
  const { secret, uri } = await call(person, "user.startTotp", { password });
  const { recoveryCodes } = await call(person, "user.confirmTotp", { code: codeAt(secret, -1) });
  return { person, secret, uri, recoveryCodes };
}

Deno.test("it is turned on with a code; then a login takes one, each once, and other devices are told", async () => {
  const person = await register(url);
  const other = await Wire.open(url, (await login(person)).accessToken!);
  await assert.rejects(
    call(person, "user.startTotp", { password: "a guess" }),
    hasCode("invalid_credentials"),
  );
  await assert.rejects(call(person, "user.confirmTotp", { code: "123456" }), hasCode("conflict"));
  const { secret, uri } = await call(person, "user.startTotp", { password });
  assert.ok(
    uri.startsWith(`otpauth://totp/IMServer:${encodeURIComponent(person.username)}?secret=${secret}`),
  );
  await login(person);
  await assert.rejects(
    call(person, "user.confirmTotp", { code: wrongFor(secret) }),
    hasCode("second_factor_invalid"),
  );
  assert.equal((await call(person, "user.me", {})).totpSince, null);
  const first = codeAt(secret, -1);
  const { recoveryCodes } = await call(person, "user.confirmTotp", { code: first });
  assert.equal(new Set(recoveryCodes).size, 10);
  await other.until(() => inbox(other).some(({ kind }) => kind === "profile.changed"));
  assert.ok(Math.abs((await other.call("user.me", {})).totpSince! - Date.now()) < 60_000);

  await assert.rejects(login(person), hasCode("second_factor_required"));
  await assert.rejects(login(person, { code: first }), hasCode("second_factor_invalid"));
  const now = codeAt(secret);
  const made = await login(person, { code: `${now.slice(0, 3)} ${now.slice(3)}` });
  assert.equal(made.user.id, person.id);
  await assert.rejects(login(person, { code: now }), hasCode("second_factor_invalid"));
  await rest(url, "auth.refresh", { refreshToken: made.refreshToken! });
  const [recovery] = recoveryCodes;
  await login(person, { code: recovery.toLowerCase() });
  await assert.rejects(login(person, { code: recovery }), hasCode("second_factor_invalid"));

  const off = { password, code: recoveryCodes[1] };
  await assert.rejects(
    call(person, "user.disableTotp", { ...off, password: "a guess" }),
    hasCode("invalid_credentials"),
  );
  await assert.rejects(
    call(person, "user.disableTotp", { ...off, code: recovery }),
    hasCode("second_factor_invalid"),
  );
  await call(person, "user.disableTotp", off);
  await login(person);
  await login(person, { code: "is not looked at" });
  await other.close();
});

Deno.test("without the password no code is looked at, and nobody is locked out; with it few may be tried", async () => {
  const { person, secret, recoveryCodes } = await withFactor();
  for (let i = 0; i < 8; i++) {
    for (const code of [undefined, wrongFor(secret), codeAt(secret)]) {
      const guess = login(person, { password: `guess ${i}`, code });
      await assert.rejects(
        guess,
        (error: { code: string }) => ["invalid_credentials", "rate_limited"].includes(error.code),
      );
      if (i > 2) break;
    }
  }
  for (let i = 0; i < 3; i++) await assert.rejects(login(person), hasCode("second_factor_required"));
  await login(person, { code: codeAt(secret) });

  const codes = await Promise.all(
    Array.from({ length: 8 }, () =>
      login(person, { code: wrongFor(secret) }).then(
        () => "ok",
        (error: { code: string }) => error.code,
      )),
  );
  const counted = (wanted: string) => codes.filter((code) => code === wanted).length;
  assert.deepEqual([counted("second_factor_invalid"), counted("rate_limited")], [5, 3]);
  await assert.rejects(login(person, { code: codeAt(secret, 1) }), hasCode("rate_limited"));
  await assert.rejects(login(person, { code: recoveryCodes[0] }), hasCode("rate_limited"));
  assert.equal((await call(person, "user.me", {})).username, person.username, "who is in stays in");
});

Deno.test("a reset password leaves the factor; an admin removes it, and the log says so without a secret", async () => {
  const { person, secret, recoveryCodes } = await withFactor();
  const { token } = await call(boss, "admin.resetPassword", { userId: person.id });
  const next = "a better password";
  await assert.rejects(
    rest(url, "auth.resetPassword", { token, password: next }),
    hasCode("second_factor_required"),
  );
  await assert.rejects(login(person, { password: next }), hasCode("second_factor_required"));
  const made = await login(person, { password: next, code: codeAt(secret) });
  const wire = await Wire.open(url, made.accessToken!);
  await call(boss, "admin.removeTotp", { userId: person.id });
  await call(boss, "admin.removeTotp", { userId: person.id });
  await wire.until(() => inbox(wire).length > 0);
  assert.equal((await wire.call("user.me", {})).totpSince, null);
  await login(person, { password: next });
  const { lines } = await call(boss, "admin.audit", { act: "admin.removeTotp", limit: 10 });
  assert.deepEqual(lines.map(({ targetId, detail }) => [targetId, detail]), [[person.id, {}], [
    person.id,
    {},
  ]]);
  const said = server.output();
  for (const kept of [secret, recoveryCodes[0]]) assert.ok(!said.includes(kept), "no secret is logged");
  await wire.close();
});

Deno.test("--admin-second-factor required: an admin without one does nothing as an admin until it is on", async () => {
  using own = tempFolder();
  await using strict = await startServer({
    dataDir: own.path,
    args: ["--admin-second-factor", "required"],
  });
  const admin = await firstAdmin(strict);
  const ask = () => rest(strict.url, "admin.users", {}, admin.accessToken);
  await assert.rejects(ask(), hasCode("second_factor_needed"));
  const { secret } = await rest(strict.url, "user.startTotp", { password }, admin.accessToken);
  await rest(strict.url, "user.confirmTotp", { code: codeAt(secret, -1) }, admin.accessToken);
  assert.ok((await ask()).users.length > 0);
  const other = await register(strict.url);
  await assert.rejects(rest(strict.url, "admin.users", {}, other.accessToken), hasCode("forbidden"));
});
