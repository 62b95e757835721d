import assert from "node:assert/strict";
import { register } from "../support/people.ts";
import { startServer, tempFolder } from "../support/server.ts";

/** What every answer says about itself to a browser, and what no answer says. docs/asvs.md leans on it. */
Deno.test("headers: nothing is sniffed, framed, cached or told to other sites; no file but the page's own is served", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { accessToken } = await register(server.url);
  const bearer = { authorization: `Bearer ${accessToken}` };
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(server.url + path, { redirect: "manual", ...init });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  };

  const page = await ask("/");
  const policy = page.headers.get("content-security-policy")!;
  for (
    const rule of ["default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"]
  ) {
    assert.ok(policy.includes(rule), rule);
  }
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  assert.equal(page.headers.get("cross-origin-opener-policy"), "same-origin");
  assert.equal(page.headers.get("permissions-policy"), "camera=(), geolocation=(), microphone=(self)");

  const answers = [
    await ask("/api/v1/users/me", { headers: bearer }),
    await ask("/api/v1/users/me"),
    await ask("/api/v1/nothing"),
    await ask("/api/v1/auth/login", { method: "POST", body: "x" }),
  ];
  assert.deepEqual(answers.map(({ status }) => status), [200, 401, 404, 415]);
  for (const { headers } of answers) {
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(headers.get("content-type")!, /^application\/(problem\+)?json$/);
  }
  for (const { headers } of [page, ...answers]) {
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    for (const told of ["server", "x-powered-by", "access-control-allow-origin"]) {
      assert.equal(headers.get(told), null, told);
    }
  }

  const hidden = [".git/config", "keys.json", "imserver.db", "main.ts", "index.html.bak", "..%2fkeys.json"];
  for (const path of hidden) assert.equal((await ask(`/${path}`)).status, 404, path);
  for (const method of ["PUT", "DELETE"]) {
    assert.equal(
      (await ask("/api/v1/users/me/privacy/none", { method, headers: bearer })).status,
      404,
      method,
    );
  }
});
