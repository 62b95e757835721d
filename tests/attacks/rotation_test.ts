import assert from "node:assert/strict";
import { join } from "node:path";
import { formatKeys, generateKeys, loadKeys, type SigningKey } from "../../auth/keys.ts";
import { makeCertificateFiles } from "../support/certificate_files.ts";
import { freshName, hasCode, register, rest, Wire } from "../support/people.ts";
import { until } from "../support/processes.ts";
import { runProgram, type Server, startProcess, tempFolder } from "../support/server.ts";
import { TlsClient } from "../support/tls_client.ts";

/** Keys and certificates become others while people are there: none of them notices. */

/** Waits for so many lines of the log that hold the text. */
async function logged(server: Server, text: string, count = 1): Promise<void> {
  await until(text, () => server.output().split(text).length > count, 120_000).catch((error) => {
    throw new Error(`${error.message}\n${server.output()}`);
  });
}

const PASSWORD = "correct horse battery";
const kidOf = (token: string) => JSON.parse(atob(token.split(".")[0])).kid;
const TAKEN = "signing keys taken into use anew";

Deno.test("keys rotate: nobody is logged out, and the new key signs once it is old enough", async () => {
  using data = tempFolder();
  const keyFile = join(data.path, "keys.json");
  await using server = await startProcess({ dataDir: data.path });
  const { url } = server;
  const ann = await register(url);
  const wire = await Wire.open(url, ann.accessToken);
  const rotation = await runProgram(["keys", "rotate", "--data-dir", data.path]);
  assert.equal(rotation.code, 0, rotation.stderr);
  await logged(server, TAKEN);
  const { keys } = await loadKeys(keyFile);
  assert.equal(keys.length, 2);
  // For now others may not know it yet.
  const login = async () =>
    (await rest(url, "auth.login", { username: ann.username, password: PASSWORD })).accessToken!;
  assert.equal(kidOf(await login()), keys[1].kid);

  // As if five minutes had passed.
  const file = JSON.parse(await Deno.readTextFile(keyFile));
  for (const key of file.keys) key.createdAt -= 600_000;
  await Deno.writeTextFile(keyFile, JSON.stringify(file));
  await logged(server, TAKEN, 2);
  assert.equal(kidOf(await login()), keys[0].kid);
  assert.equal((await rest(url, "user.me", {}, ann.accessToken)).id, ann.id, "the token from before");
  assert.equal((await wire.call("user.me", {})).id, ann.id, "and the socket");
  wire.close();

  // A file that is broken changes nothing.
  await Deno.writeTextFile(keyFile, "{");
  await logged(server, "signing keys changed and cannot be used");
  assert.equal((await rest(url, "user.me", {}, ann.accessToken)).id, ann.id);

  // Keys that leaked: the new ones alone, and every access token is void; who has a session refreshes.
  await Deno.writeTextFile(keyFile, formatKeys(generateKeys(Date.now())));
  await logged(server, TAKEN, 3);
  await assert.rejects(rest(url, "user.me", {}, ann.accessToken), hasCode("token_invalid"));
  const renewed = await rest(url, "auth.refresh", { refreshToken: ann.refreshToken });
  assert.equal((await rest(url, "user.me", {}, renewed.accessToken)).id, ann.id);
  const secrets = [...keys, ...(await loadKeys(keyFile)).keys].map((key: SigningKey) =>
    key.secret().toBase64({ alphabet: "base64url", omitPadding: true })
  );
  assert.ok(!secrets.some((secret) => server.output().includes(secret)), "no secret in the log");
});

Deno.test("TLS: a renewed certificate is shown without a restart, half a renewal is not", async () => {
  using data = tempFolder();
  const [one, two] = [join(data.path, "one"), join(data.path, "two")];
  await Promise.all([one, two].map((path) => Deno.mkdir(path)));
  const [now, next] = await Promise.all([makeCertificateFiles(one), makeCertificateFiles(two)]);
  await using server = await startProcess({
    dataDir: join(data.path, "data"),
    args: ["--tls-cert", now.cert, "--tls-key", now.key],
  });
  const url = server.url.replace("http:", "https:");
  const [before, after] = await Promise.all([now.ca, next.ca].map((path) => Deno.readTextFile(path)));
  using old = new TlsClient(url, before);
  const body = { username: freshName(), password: PASSWORD };
  const { accessToken } = await old.call("auth.register", body);
  const socket = await old.socket(accessToken!);
  assert.ok(typeof socket !== "number");
  await Deno.copyFile(next.cert, now.cert);
  await logged(server, "certificate changed and cannot be used");
  using still = new TlsClient(url, before);
  assert.equal((await still.call("user.me", {}, accessToken!)).username, body.username);
  await Deno.copyFile(next.key, now.key);
  await logged(server, "certificate taken into use anew");
  using renewed = new TlsClient(url, after);
  assert.equal((await renewed.call("user.me", {}, accessToken!)).username, body.username);
  const another = await renewed.socket(accessToken!);
  assert.ok(typeof another !== "number");
  assert.equal(socket.readyState, socket.OPEN, "who was there stays");
  using distrusting = new TlsClient(url, before);
  await assert.rejects(distrusting.call("user.me", {}, accessToken!), "nobody is shown the old one");
  for (const one of [socket, another]) one.terminate();
});

Deno.test("TLS: nothing older than 1.2 is spoken", async () => {
  using data = tempFolder();
  const files = await makeCertificateFiles(data.path);
  await using server = await startProcess({
    dataDir: join(data.path, "data"),
    args: ["--tls-cert", files.cert, "--tls-key", files.key],
  });
  const speak = async (version: string) => {
    const words = ["s_client", "-connect", new URL(server.url).host, "-CAfile", files.ca, version];
    const security = version === "-tls1_1" ? ["-cipher", "ALL@SECLEVEL=0"] : [];
    const openssl = new Deno.Command("openssl", { args: [...words, ...security], stdin: "null" });
    return new TextDecoder().decode((await openssl.output()).stdout);
  };
  using client = new TlsClient(server.url.replace("http:", "https:"), await Deno.readTextFile(files.ca));
  for (const path of ["/", "/api/v1/nothing", "/api/v1/auth/methods"]) {
    const { headers } = await client.ask(path);
    assert.equal(headers.get("strict-transport-security"), "max-age=31536000", path);
  }
  assert.match(await speak("-tls1_3"), /New, TLSv1\.3/);
  assert.match(await speak("-tls1_2"), /New, TLSv1\.2/);
  assert.match(await speak("-tls1_1"), /New, \(NONE\)/);
});
