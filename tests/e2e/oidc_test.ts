import assert from "node:assert/strict";
import { freePort } from "../support/server.ts";
import { freshName, type Person, register, rest } from "../support/people.ts";
import { type Issuer, startIssuer } from "../support/oidc_issuer.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";

/** Login at another server, as a browser does it: away with a cookie, back with a code. */

let data: ReturnType<typeof tempFolder>;
let server: Server;
let issuer: Issuer;
let url: string;

Deno.test.beforeAll(async () => {
  data = tempFolder();
  issuer = await startIssuer();
  const secretFile = `${data.path}/oidc-secret`;
  await Deno.writeTextFile(secretFile, `${issuer.clientSecret}\n`);
  const port = freePort();
  server = await startServer({
    dataDir: data.path,
    port,
    args: [
      `--public-url=http://localhost:${port}`,
      `--oidc-issuer=${issuer.url}`,
      `--oidc-client-id=${issuer.clientId}`,
      `--oidc-client-secret-file=${secretFile}`,
      "--oidc-name=Example ID",
    ],
  });
  url = `http://localhost:${port}`;
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

/** The answer to one request of a browser that keeps its cookies, without following. */
class Browser {
  readonly cookies = new Map<string, string>();

  async get(to: string): Promise<{ status: number; location: string; set: string[] }> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(to, { redirect: "manual", headers: to.startsWith(url) ? { cookie } : {} });
    await answer.body?.cancel();
    const set = answer.headers.getSetCookie();
    for (const one of set) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(one)!;
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
    return { status: answer.status, location: answer.headers.get("location") ?? "", set };
  }

  /** Away to the issuer and to the address that it sends back to, which is not opened yet. */
  async comingBack(start = "/api/v1/auth/oidc/start"): Promise<string> {
    const away = await this.get(url + start);
    assert.ok(away.location.startsWith(`${issuer.url}/authorize?`), away.location);
    return (await this.get(away.location)).location;
  }

  async me() {
    return await rest(url, "user.me", {}, this.cookies.get("imserver_access"));
  }
}

Deno.test("who comes the first time gets an account, afterwards it is theirs; names are made good and unique", async () => {
  assert.deepEqual((await rest(url, "auth.methods", {})).oidc, { name: "Example ID" });
  const [one, other] = [new Browser(), new Browser()];
  const away = await one.get(`${url}/api/v1/auth/oidc/start`);
  const asked = new URL(away.location).searchParams;
  assert.deepEqual(
    [asked.get("response_type"), asked.get("code_challenge_method"), asked.get("scope")],
    ["code", "S256", "openid profile"],
  );
  assert.match(
    away.set[0],
    /^imserver_oidc=[^;]+; Path=\/api\/v1\/auth\/oidc; Max-Age=600; HttpOnly; SameSite=Lax$/,
  );
  const back = await one.get((await one.get(away.location)).location);
  assert.equal(back.location, "/");
  assert.ok(back.set.some((one) => /^imserver_access=.*HttpOnly; SameSite=Strict$/.test(one)));
  assert.ok(!one.cookies.has("imserver_oidc"), "it is used up");
  const me = await one.me();
  assert.deepEqual([me.username, me.displayName], ["Mei.Ling", "美玲"]);
  await other.get(await other.comingBack());
  assert.equal((await other.me()).id, me.id);

  issuer.person = { sub: "2", preferred_username: "mei.ling" };
  const third = new Browser();
  await third.get(await third.comingBack());
  assert.deepEqual([(await third.me()).username, (await third.me()).displayName], ["mei.ling2", "mei.ling2"]);
  for (const [sub, wanted] of [["3", "admin"], ["4", " a b\u202e<script>"], ["5", undefined]] as const) {
    issuer.person = { sub, preferred_username: wanted };
    const next = new Browser();
    await next.get(await next.comingBack());
    assert.match((await next.me()).username, /^(user\d*|a\.b\.script)$/);
  }
});

Deno.test("who is logged in links their account, once and only theirs; nobody links for them", async () => {
  const person: Person = await register(url, freshName());
  const browser = new Browser();
  browser.cookies.set("imserver_access", person.accessToken);
  issuer.person = { sub: "linked", preferred_username: "somebody" };
  const back = await browser.get(await browser.comingBack("/api/v1/auth/oidc/start?link=1"));
  assert.equal(back.location, "/#/settings/account");
  assert.match(server.stdout(), new RegExp(`info +auth.oidc link userId=${person.id} `));
  const later = new Browser();
  await later.get(await later.comingBack());
  assert.equal((await later.me()).id, person.id);

  const second = await register(url, freshName());
  const thief = new Browser();
  thief.cookies.set("imserver_access", second.accessToken);
  const taken = await thief.get(await thief.comingBack("/api/v1/auth/oidc/start?link=1"));
  assert.equal(taken.location, "/#/oidc/conflict");
  const nobody = await new Browser().get(`${url}/api/v1/auth/oidc/start?link=1`);
  assert.equal(nobody.location, "/#/oidc/unauthenticated");
  issuer.person = { sub: "late" };
  const late = await thief.comingBack("/api/v1/auth/oidc/start?link=1");
  await rest(url, "auth.logout", {}, second.accessToken);
  assert.equal((await thief.get(late)).location, "/#/oidc/session_ended");
});

Deno.test("attacks: each is refused alike, and nobody is logged in", async () => {
  issuer.person = { sub: "victim", preferred_username: "victim" };
  const refused = async (browser: Browser, to: string, about: string) => {
    const answer = await browser.get(to);
    assert.deepEqual([answer.status, answer.location], [302, "/#/oidc/oidc_failed"], about);
    assert.ok(!browser.cookies.has("imserver_access"), about);
  };
  const changed = (back: string, name: string, value: string | null) => {
    const to = new URL(back);
    if (value === null) to.searchParams.delete(name);
    else to.searchParams.set(name, value);
    return to.href;
  };
  for (
    const [name, value] of [["state", "x"], ["state", null], ["iss", "https://evil.example"], [
      "iss",
      null,
    ]] as const
  ) {
    const browser = new Browser();
    await refused(browser, changed(await browser.comingBack(), name, value), `${name} ${value}`);
  }
  const error = new Browser();
  await refused(error, changed(await error.comingBack(), "error", "access_denied"), "it said no");
  // Login CSRF: a page that was begun by somebody else's browser.
  const [attacker, victim] = [new Browser(), new Browser()];
  const theirs = await attacker.comingBack();
  await refused(victim, theirs, "no cookie");
  await victim.comingBack();
  await refused(victim, theirs, "another's state");

  const replay = new Browser();
  const back = await replay.comingBack();
  const sealed = replay.cookies.get("imserver_oidc")!;
  assert.equal((await replay.get(back)).location, "/");
  const again = new Browser();
  await refused(again, back, "replayed without the cookie");
  again.cookies.set("imserver_oidc", sealed);
  await refused(again, back, "replayed with it: the issuer knows the code no more");
  for (const forged of [`${sealed}x`, sealed.replace(/^[^.]+/, btoa('{"alg":"none"}')), "x", ""]) {
    const browser = new Browser();
    const to = await browser.comingBack();
    browser.cookies.set("imserver_oidc", forged);
    await refused(browser, to, "a forged cookie");
  }
  const access = new Browser();
  const to = await access.comingBack();
  access.cookies.set("imserver_oidc", (await register(url)).accessToken);
  await refused(access, to, "an access token for a cookie");

  const at = Math.floor(Date.now() / 1000);
  const lies = [
    { claims: { nonce: "another" } },
    { claims: { nonce: undefined } },
    { claims: { iss: "https://evil.example" } },
    { claims: { aud: "somebody else" } },
    { claims: { aud: [issuer.clientId, "other"], azp: "other" } },
    { claims: { exp: at - 120 } },
    { claims: { sub: undefined } },
    { foreignKey: true },
    { unsigned: true },
  ];
  for (const mischief of lies) {
    const browser = new Browser();
    const to = await browser.comingBack();
    issuer.mischief = mischief;
    await refused(browser, to, JSON.stringify(mischief));
    issuer.mischief = {};
  }
  const open = new Browser();
  const elsewhere = "next=https://evil.example&redirect_uri=https://evil.example&returnTo=//evil.example";
  const begun = await open.get(`${url}/api/v1/auth/oidc/start?${elsewhere}`);
  const home = new URL(begun.location).searchParams.get("redirect_uri");
  assert.equal(home, `${url}/api/v1/auth/oidc/callback`);
  const last = await open.get(`${(await open.get(begun.location)).location}&${elsewhere}`);
  assert.equal(last.location, "/");

  const said = server.output();
  assert.match(said, /a login at the OpenID server failed/);
  for (const secret of [issuer.clientSecret, /code-\d/, /eyJ/, sealed]) {
    assert.ok(
      typeof secret === "string" ? !said.includes(secret) : !secret.test(said),
      `${secret} is logged`,
    );
  }
});

Deno.test("a login and a refusal at the other server leave their lines in the log", async () => {
  issuer.person = { sub: "logged", preferred_username: "logged" };
  const browser = new Browser();
  await browser.get(await browser.comingBack());
  const { id } = await browser.me();
  await new Browser().get(`${url}/api/v1/auth/oidc/callback?code=made-up&state=x`);
  const said = server.stdout();
  assert.match(said, new RegExp(`info +auth.oidc userId=${id} address=127.0.0.1`));
  assert.match(said, /info +auth.oidc refused because=oidc_failed address=127.0.0.1/);
});
