import assert from "node:assert/strict";
import { linkOf } from "../support/first_admin.ts";
import type { ErrorCode } from "../../wire/errors.ts";
import { assertProblem, assertResponse, assertRpcError, exchange } from "../support/answers.ts";
import { freshName, hasCode, type Person, register, rest, Wire } from "../support/people.ts";
import { type RawAnswer, rawHttp, RawSocket, request, upgradeRequest } from "../support/raw.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";

/** Accounts and sessions at every door: who gets in, how long, and how one is shown out. */

const PASSWORD = "correct horse battery";

let data: ReturnType<typeof tempFolder>;
let server: Server;
let url: string;

Deno.test.beforeAll(async () => {
  data = tempFolder();
  server = await startServer({ dataDir: data.path });
  url = server.url;
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

const post = (path: string, body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  request(url, `/api/v1${path}`, { body: JSON.stringify(body), headers });

/** The session is over at every door: REST, the upgrade, refresh, and the sockets it had open. */
async function assertEnded(session: Pick<Person, "accessToken" | "refreshToken">, ...open: Wire[]) {
  const { accessToken, refreshToken } = session;
  await assert.rejects(rest(url, "user.me", {}, accessToken), hasCode("session_ended"));
  const upgrade = upgradeRequest(url, { authorization: `Bearer ${accessToken}` });
  assertProblem((await rawHttp(url, upgrade))!, "session_ended");
  await assert.rejects(rest(url, "auth.refresh", { refreshToken }), hasCode("session_ended"));
  for (const { closed } of open) {
    assert.deepEqual(await closed, { code: 4001, reason: '{"code":"session_ended"}' });
  }
}

Deno.test("register, log in, see oneself", async () => {
  const username = freshName("Mei.Ling_");
  const made = await rest(url, "auth.register", { username, password: PASSWORD, displayName: " 美玲 🌸 " });
  assert.deepEqual(made.user, { id: made.user.id, username, displayName: "美玲 🌸" });
  assert.equal(made.expiresIn, 900);
  const login = await rest(url, "auth.login", { username, password: PASSWORD });
  assert.deepEqual(login.user, made.user);
  assert.notEqual(login.refreshToken, made.refreshToken);
  for (const { accessToken } of [made, login]) {
    const { role, createdAt, id, username, displayName } = await rest(url, "user.me", {}, accessToken);
    assert.deepEqual([{ id, username, displayName }, role], [made.user, "user"]);
    assert.ok(Math.abs(createdAt - Date.now()) < 60_000);
  }
  const plain = await rest(url, "auth.register", { username: freshName(), password: PASSWORD });
  assert.equal(plain.user.displayName, plain.user.username, "without a display name the username is shown");
});

Deno.test("a wrong password and an unknown user get the same answer, in the same time", async () => {
  const { username } = await register(url);
  const times: [number[], number[]] = [[], []];
  const bodies = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const from = performance.now();
    const name = i % 2 ? username : `${username}x`;
    const answer = await post("/auth/login", { username: name, password: `wrong ${i}` });
    times[i % 2].push(performance.now() - from);
    assertProblem(answer, "invalid_credentials");
    bodies.add(answer.body);
  }
  assert.equal(bodies.size, 1);
  const [unknown, wrong] = times.map((list) => list.sort((a, b) => a - b)[7]);
  assert.ok(Math.abs(unknown - wrong) < wrong / 2, `${unknown} ms and ${wrong} ms`);
  for (const odd of ["", "x".repeat(64), "\u0000", "'; DROP TABLE users; --"]) {
    const answer = await post("/auth/login", { username: odd, password: "" });
    assertProblem(answer, odd === "" ? "invalid_params" : "invalid_credentials");
  }
});

Deno.test("usernames: Chinese ones work; who differs in case or width only is the same, and taken", async () => {
  const tail = freshName("").replaceAll(/\d/g, (digit) => "零一二三四五六七八九"[Number(digit)]).replaceAll(
    /[a-z]/g,
    "甲",
  );
  const chinese = `张伟${tail}`.slice(0, 32);
  const { user, accessToken } = await rest(url, "auth.register", { username: chinese, password: PASSWORD });
  assert.equal(user.username, chinese);
  await rest(url, "auth.login", { username: chinese, password: PASSWORD });
  const other = await register(url);
  const { users } = await rest(url, "user.search", { query: "张" }, other.accessToken);
  assert.ok(users.some(({ id }) => id === user.id));
  assert.equal((await rest(url, "user.me", {}, accessToken)).username, chinese);

  const name = freshName("Wang");
  await rest(url, "auth.register", { username: name, password: PASSWORD });
  const wide = [...name].map((char) => String.fromCodePoint(char.codePointAt(0)! + 0xfee0)).join("");
  for (const username of [name, name.toUpperCase(), name.toLowerCase(), wide, wide.toUpperCase()]) {
    assertProblem(
      await post("/auth/register", { username, password: PASSWORD }),
      "username_taken",
      "username",
    );
    const login = await rest(url, "auth.login", { username, password: PASSWORD });
    assert.equal(login.user.username, name, "and it logs in");
  }
  const shown = await rest(url, "auth.register", { username: `Ｌｉ${freshName("")}`, password: PASSWORD });
  assert.match(shown.user.username, /^Li/);
});

const badNames: [string, ErrorCode][] = [
  ["", "invalid_params"],
  ["x".repeat(65), "invalid_params"],
  ["x", "username_invalid"],
  ["x".repeat(33), "username_invalid"],
  [" ab", "username_invalid"],
  ["a b", "username_invalid"],
  ["a\u200bb", "username_invalid"],
  ["ab\u202e", "username_invalid"],
  ["a..b", "username_invalid"],
  ["_ab", "username_invalid"],
  ["аlice", "username_invalid"],
  ["😀😀", "username_invalid"],
  ["admin", "username_invalid"],
  ["ＡＤＭＩＮ", "username_invalid"],
  ["客服", "username_invalid"],
];

Deno.test("usernames that break a rule are refused with a sentence that says which", async () => {
  for (const [username, code] of badNames) {
    const answer = await post("/auth/register", { username, password: PASSWORD });
    const { detail } = assertProblem(answer, code, "username");
    assert.ok(code !== "username_invalid" || /^(A|In a|This) username .*\.$/.test(`${detail}`), `${detail}`);
  }
  for (const password of ["", "1234567", "x".repeat(257), 12345678, null]) {
    const answer = await post("/auth/register", { username: freshName(), password });
    assertProblem(answer, "invalid_params", "password");
  }
  const common = await post("/auth/register", { username: freshName(), password: "Password1" });
  assertProblem(common, "password_common", "password");
  const { accessToken } = await register(url);
  const change = { oldPassword: PASSWORD, newPassword: "iloveyou" };
  await assert.rejects(rest(url, "user.setPassword", change, accessToken), { code: "password_common" });
});

Deno.test("two who register one name at the same time: one gets it", async () => {
  const username = freshName("race");
  const tries = Array.from({ length: 4 }, () => post("/auth/register", { username, password: PASSWORD }));
  const statuses = (await Promise.all(tries)).map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 409, 409, 409]);
});

Deno.test("refresh: each token is good once; a second use ends the session at every door, and only this one", async () => {
  const person = await register(url);
  const other = await rest(url, "auth.login", { username: person.username, password: PASSWORD });
  const wire = await Wire.open(url, person.accessToken);
  const otherWire = await Wire.open(url, other.accessToken!);

  const second = await rest(url, "auth.refresh", { refreshToken: person.refreshToken });
  const third = await rest(url, "auth.refresh", { refreshToken: second.refreshToken });
  assert.equal(third.user.id, person.id);
  assert.equal(new Set([person.refreshToken, second.refreshToken, third.refreshToken]).size, 3);
  await rest(url, "user.me", {}, person.accessToken);
  await rest(url, "user.me", {}, third.accessToken);
  await wire.call("user.me", {});

  const again = rest(url, "auth.refresh", { refreshToken: second.refreshToken });
  await assert.rejects(again, hasCode("refresh_reused"));
  await assertEnded({ accessToken: third.accessToken!, refreshToken: third.refreshToken! }, wire);
  await assertEnded(person);
  await otherWire.call("user.me", {});
  await rest(url, "auth.refresh", { refreshToken: other.refreshToken });
  await otherWire.close();
});

Deno.test("refresh: what was never issued is refused and ends nothing", async () => {
  const person = await register(url);
  const [session, family, secret] = person.refreshToken.split(".");
  const [, otherFamily] = (await register(url)).refreshToken.split(".");
  for (
    const refreshToken of [
      "",
      "garbage",
      `${session}.${otherFamily}.${secret}`,
      `${session}.${family}.`,
      `${Number(session) + 1}.${family}.${secret}`,
      `9007199254740993.${family}.${secret}`,
      person.accessToken.slice(0, 200),
      ` ${person.refreshToken}`,
    ]
  ) {
    await assert.rejects(rest(url, "auth.refresh", { refreshToken }), hasCode("token_invalid"));
  }
  await assert.rejects(rest(url, "auth.refresh", {}), hasCode("token_invalid"));
  await rest(url, "auth.refresh", { refreshToken: person.refreshToken });
});

Deno.test("refresh: of two at the same time with one token, one at most goes on", async () => {
  const { refreshToken, accessToken } = await register(url);
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => rest(url, "auth.refresh", { refreshToken })));
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  await assert.rejects(rest(url, "user.me", {}, accessToken), hasCode("session_ended"));
});

Deno.test("logout ends one session at every door; the person's other devices stay", async () => {
  const person = await register(url);
  const other = await rest(url, "auth.login", { username: person.username, password: PASSWORD });
  const wires = [await Wire.open(url, person.accessToken), await Wire.open(url, person.accessToken)];
  const otherWire = await Wire.open(url, other.accessToken!);
  assert.deepEqual(await rest(url, "auth.logout", {}, person.accessToken), {});
  await assertEnded(person, ...wires);
  await assert.rejects(rest(url, "auth.logout", {}, person.accessToken), hasCode("session_ended"));
  await otherWire.call("user.me", {});

  assert.deepEqual(
    await otherWire.call("auth.logout", {}),
    {},
    "over the socket the answer comes before its end",
  );
  await assertEnded({ accessToken: other.accessToken!, refreshToken: other.refreshToken! }, otherWire);
});

Deno.test("logging out amid upgrades leaves no socket open", async () => {
  for (let i = 0; i < 5; i++) {
    const person = await register(url);
    const opening = Array.from(
      { length: 20 },
      () => RawSocket.open(url, person.accessToken).catch(() => null),
    );
    await rest(url, "auth.logout", {}, person.accessToken);
    for (using socket of await Promise.all(opening)) {
      if (!socket) continue;
      const late = AbortSignal.timeout(5_000);
      late.onabort = () => socket[Symbol.dispose]();
      assert.deepEqual(await socket.untilClose(), { code: 4001, reason: '{"code":"session_ended"}' });
    }
  }
});

// ── Cookies ────────────────────────────────────────────────────────────────────────────────────────────

const origin = () => ({ origin: url });

/** The cookies of an answer as `name → [value, attributes]`. */
function cookiesOf(answer: RawAnswer): Map<string, { value: string; attributes: string[] }> {
  return new Map(
    answer.headers.getSetCookie().map((line) => {
      const [pair, ...attributes] = line.split("; ");
      const at = pair.indexOf("=");
      return [pair.slice(0, at), { value: pair.slice(at + 1), attributes }];
    }),
  );
}

/** A login in a browser: the Cookie header it sends from then on. */
async function browserLogin(path: string, body: Record<string, unknown>, headers: Record<string, string>) {
  const answer = await post(path, { ...body, cookie: true }, headers);
  assert.equal(answer.status, 200, answer.body);
  const cookies = cookiesOf(answer);
  const cookie = [...cookies].map(([name, { value }]) => `${name}=${value}`).join("; ");
  return { answer, cookies, cookie };
}

Deno.test("cookies: set so that no script and no other site gets at them, and no token is in the body", async () => {
  const username = freshName();
  for (const path of ["/auth/register", "/auth/login"]) {
    const { answer, cookies } = await browserLogin(path, { username, password: PASSWORD }, origin());
    assert.deepEqual(Object.keys(JSON.parse(answer.body)).sort(), ["expiresIn", "user"]);
    const month = "Max-Age=2592000";
    const [access, refresh] = [cookies.get("imserver_access")!, cookies.get("imserver_refresh")!];
    assert.deepEqual(access.attributes, ["Path=/api/v1", month, "HttpOnly", "SameSite=Strict"]);
    assert.deepEqual(refresh.attributes, ["Path=/api/v1/auth", month, "HttpOnly", "SameSite=Strict"]);
    for (const { value } of [access, refresh]) assert.ok(!answer.body.includes(value));
  }
  const plain = await post("/auth/login", { username, password: PASSWORD }, origin());
  assert.equal(cookiesOf(plain).size, 0, "none unless asked for");
});

/** Origins that are not this server's. */
const strangers = (): (string | null)[] => [
  null,
  "null",
  "https://evil.example",
  `http://127.0.0.1:${Number(new URL(url).port) + 1}`,
  url.replace("127.0.0.1", "localhost"),
  `${url}.evil.example`,
  "127.0.0.1",
];

Deno.test("cookies: only a page of this server may log in, write or connect with them", async () => {
  const username = freshName();
  const body = { username, password: PASSWORD };
  const { cookie } = await browserLogin("/auth/register", body, origin());
  for (const stranger of strangers()) {
    const headers = { ...(stranger !== null && { origin: stranger }) };
    assertProblem(await post("/auth/login", { ...body, cookie: true }, headers), "origin_not_allowed");
    const group = { title: "g", memberIds: [] };
    assertProblem(await post("/groups", group, { ...headers, cookie }), "origin_not_allowed");
    assertProblem(await post("/auth/logout", {}, { ...headers, cookie }), "origin_not_allowed");
    assertProblem(
      await post("/auth/refresh", { cookie: true }, { ...headers, cookie }),
      "origin_not_allowed",
    );
    assertProblem((await rawHttp(url, upgradeRequest(url, { ...headers, cookie })))!, "origin_not_allowed");
  }
  const me = await request(url, "/api/v1/users/me", { headers: { cookie } });
  assert.equal(JSON.parse(me.body).username, username, "reading needs no origin");
  assert.equal((await post("/groups", { title: "g", memberIds: [] }, { ...origin(), cookie })).status, 200);
  using socket = await RawSocket.upgrade(url, { ...origin(), cookie });
  const call = '{"jsonrpc":"2.0","id":1,"method":"user.me"}';
  const response = assertResponse((await exchange(socket, [call], 1))[0]);
  assert.equal((response.result as { username: string }).username, username);
  const bearer = { cookie, ...origin(), authorization: "Bearer x.y.z" };
  assertProblem(await request(url, "/api/v1/users/me", { headers: bearer }), "token_invalid");
});

Deno.test("cookies: refresh trades them, logout clears them", async () => {
  const first = await browserLogin("/auth/register", { username: freshName(), password: PASSWORD }, origin());
  const second = await browserLogin("/auth/refresh", {}, { ...origin(), cookie: first.cookie });
  assert.notEqual(
    second.cookies.get("imserver_refresh")!.value,
    first.cookies.get("imserver_refresh")!.value,
  );
  const me = await request(url, "/api/v1/users/me", { headers: { cookie: second.cookie } });
  assert.equal(me.status, 200);
  const none = await post("/auth/refresh", { cookie: true }, origin());
  assertProblem(none, "token_invalid");

  using socket = await RawSocket.upgrade(url, { ...origin(), cookie: second.cookie });
  const logout = await post("/auth/logout", {}, { ...origin(), cookie: second.cookie });
  assert.equal(logout.status, 200);
  const cleared = cookiesOf(logout);
  assert.deepEqual([...cleared.keys()].sort(), ["imserver_access", "imserver_refresh"]);
  for (const { value, attributes } of cleared.values()) {
    assert.equal(value, "");
    assert.ok(attributes.includes("Max-Age=0"));
  }
  assert.equal((await socket.untilClose())?.code, 4001);
  const after = await request(url, "/api/v1/users/me", { headers: { cookie: second.cookie } });
  assertProblem(after, "session_ended");

  const stolen = await browserLogin(
    "/auth/register",
    { username: freshName(), password: PASSWORD },
    origin(),
  );
  await browserLogin("/auth/refresh", {}, { ...origin(), cookie: stolen.cookie });
  const reused = await post("/auth/refresh", { cookie: true }, { ...origin(), cookie: stolen.cookie });
  assertProblem(reused, "refresh_reused");
});

Deno.test("cookies: none over the WebSocket, which cannot set them", async () => {
  const { accessToken, username } = await register(url);
  using socket = await RawSocket.open(url, accessToken);
  for (const cookie of [true, false]) {
    const params = { username, password: PASSWORD, cookie };
    const call = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "auth.login", params });
    const [response] = await exchange(socket, [call], 1);
    assertRpcError(assertResponse(response), 1, "invalid_params", "cookie");
  }
});

Deno.test("cookies: behind TLS they are Secure, and the public origin is the server's own", async () => {
  using folder = tempFolder();
  const args = ["--public-url", "https://im.example/"];
  await using proxied = await startServer({ dataDir: folder.path, args });
  const body = JSON.stringify({ username: "someone", password: PASSWORD, cookie: true });
  const from = (origin: string) =>
    request(proxied.url, "/api/v1/auth/register", { body, headers: { origin } });
  assertProblem(await from("http://im.example"), "origin_not_allowed");
  const answer = await from("https://im.example");
  assert.equal(answer.status, 200, answer.body);
  for (const { attributes } of cookiesOf(answer).values()) assert.ok(attributes.includes("Secure"));
});

// ── Registration ───────────────────────────────────────────────────────────────────────────────────────

Deno.test("--registration closed: nobody registers at either door; the admin link and logging in still work", async () => {
  using folder = tempFolder();
  await using closed = await startServer({ dataDir: folder.path, args: ["--registration", "closed"] });
  const account = { username: freshName(), password: PASSWORD };
  await assert.rejects(rest(closed.url, "auth.register", account), hasCode("registration_closed"));
  const token = await linkOf(closed);
  await rest(closed.url, "auth.setup", { token, ...account });
  const login = await rest(closed.url, "auth.login", account);
  assert.equal((await rest(closed.url, "user.me", {}, login.accessToken)).role, "admin");
  const wire = await Wire.open(closed.url, login.accessToken!);
  const another = wire.call("auth.register", { ...account, username: freshName() });
  await assert.rejects(another, hasCode("registration_closed"));
  await wire.close();
});
