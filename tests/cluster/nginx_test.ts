import assert from "node:assert/strict";
import type { WebSocket } from "ws";
import { assertProblem } from "../support/answers.ts";
import { NginxStage } from "../support/nginx_stage.ts";
import { programOf, runToEnd, until } from "../support/processes.ts";
import { type RawAnswer, rawHttp } from "../support/raw.ts";
import type { TlsClient } from "../support/tls_client.ts";

/** nginx as it is shipped (nginx/), with ports, gateways and certificates of the test's own in site/. */

/** Runs a test on a stage of its own. */
function test(name: string, run: (stage: NginxStage) => Promise<void>, site?: Record<string, string>): void {
  Deno.test(`nginx: ${name}`, async () => {
    await using stage = await NginxStage.open(site);
    await run(stage);
  });
}

test("is accepted without a warning, and as it is shipped but for ports and certificate", async (stage) => {
  const { nginx, folder, files: { cert, key } } = stage;
  assert.doesNotMatch(await nginx.check(), /warn|emerg/);
  const shipped = `${folder}/shipped`;
  const site = `ssl_certificate ${cert};\nssl_certificate_key ${key};\n`;
  await runToEnd("cp", ["-r", new URL("../../nginx", import.meta.url).pathname, shipped]);
  await Deno.mkdir(`${shipped}/run`, { recursive: true });
  await Deno.writeTextFile(`${shipped}/site/certificate.conf`, site);
  for (const name of ["listen", "listen-plain"]) {
    const path = `${shipped}/site/${name}.conf`;
    // Ports that are not for root only; whether somebody has them does not matter here.
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replaceAll(/\b(80|443)\b/g, "20$1"));
  }
  const said = await runToEnd(programOf("nginx"), ["-t", "-p", shipped, "-c", "nginx.conf"]);
  assert.doesNotMatch(said, /warn/);
});

/** What openssl says of a handshake. */
async function handshake({ nginx, files }: NginxStage, ...options: string[]): Promise<string> {
  const address = ["-connect", `127.0.0.1:${nginx.port}`, "-CAfile", files.ca];
  const args = ["s_client", ...address, ...options];
  const { stdout, stderr } = await new Deno.Command("openssl", { args, stdin: "null" }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

test("speaks TLS 1.2 and 1.3 and nothing older, HTTP/2, and the certificate is good", async (stage) => {
  // Security level 0, else openssl itself would refuse; the alert shows that it was nginx.
  for (const old of ["-tls1", "-tls1_1"]) {
    const said = await handshake(stage, old, "-cipher", "DEFAULT@SECLEVEL=0");
    assert.match(said, /alert protocol version/, said);
  }
  const weak = await handshake(stage, "-tls1_2", "-cipher", "AES128-SHA256:ECDHE-ECDSA-AES128-SHA");
  assert.match(weak, /alert handshake failure/, weak);
  for (const [option, version] of [["-tls1_2", "TLSv1.2"], ["-tls1_3", "TLSv1.3"]]) {
    const said = await handshake(stage, option, "-alpn", "h2,http/1.1");
    assert.match(said, new RegExp(`New, ${version}|Protocol *: ${version}`));
    assert.match(said, /ALPN protocol: h2/);
    assert.match(said, /Verify return code: 0/);
  }
});

test("without TLS there is only the way to it", async ({ nginx }) => {
  const plain = `http://127.0.0.1:${nginx.plainPort}`;
  const answer = await rawHttp(
    plain,
    "GET /a?b=c HTTP/1.1\r\nhost: chat.example\r\nconnection: close\r\n\r\n",
  );
  assert.equal(answer?.status, 301);
  assert.equal(answer?.headers.get("location"), "https://chat.example/a?b=c");
  const health = await rawHttp(plain, "GET /nginx-health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  assert.deepEqual([health?.status, health?.body], [200, "ok\n"]);
  // Plain HTTP to the port with TLS, as somebody who mistypes an address sends it.
  const wrong = await rawHttp(
    `http://127.0.0.1:${nginx.port}`,
    "GET /x HTTP/1.1\r\nhost: chat.example:444\r\nconnection: close\r\n\r\n",
  );
  assert.deepEqual([wrong?.status, wrong?.headers.get("location")], [301, "https://chat.example:444/x"]);
});

test("the client's address is nginx's word, whatever the client says", async (stage) => {
  const client = stage.client("203.0.113.9");
  const forged = {
    "x-forwarded-for": "1.2.3.4, 127.0.0.1",
    "x-forwarded-proto": "http",
    "x-real-ip": "1.2.3.4",
    forwarded: "for=1.2.3.4",
  };
  for (const path of ["/", "/api/v1/users/me", "/api/v1/auth/login", "/api/v1/ws"]) {
    assert.equal((await client.ask(path, { headers: forged })).status, 200);
    const [{ headers }] = stage.taken();
    assert.equal(headers.get("x-forwarded-for"), "203.0.113.9", path);
    assert.equal(headers.get("x-forwarded-proto"), "https", path);
    // The origin that browsers name has the port, so the server must see it, too.
    assert.equal(headers.get("host"), `127.0.0.1:${stage.nginx.port}`);
    for (const name of ["x-real-ip", "forwarded", "connection", "upgrade"]) {
      assert.equal(headers.get(name), null, `${path} ${name}`);
    }
    assert.ok(![...headers.values()].some((value) => value.includes("1.2.3.4")), path);
  }
});

test("adds what only it knows and says nothing of itself; health is answered here", async (stage) => {
  const client = stage.client();
  const answer = await client.ask("/");
  assert.equal(answer.headers.get("strict-transport-security"), "max-age=31536000");
  assert.equal(answer.headers.get("server"), "nginx");
  stage.taken();
  assert.equal((await client.ask("/nginx-health")).body, "ok\n");
  assert.deepEqual(stage.taken(), []);
});

/** Asks many times at once; how often each status came, and one of the refusals. */
async function burst(
  client: TlsClient,
  count: number,
  path: string | ((i: number) => string),
  init?: RequestInit,
) {
  const statuses: Record<number, number> = {};
  let refused: RawAnswer | undefined;
  let next = 0;
  const work = async () => {
    while (next < count) {
      const i = next++;
      const answer = await client.ask(typeof path === "string" ? path : path(i), init);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      if (answer.status === 429) refused = answer;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: 16 }, work));
  return {
    statuses,
    refused: refused as RawAnswer | undefined,
    seconds: (performance.now() - started) / 1000,
  };
}

test("who asks too fast is told so in the API's form; others are not touched", async (stage) => {
  const [greedy, other] = [stage.client(), stage.client()];
  const { statuses, refused, seconds } = await burst(greedy, 2_000, "/api/v1/users/me");
  // 500 at once and 100 a second.
  assert.ok(
    statuses[200] >= 500 && statuses[200] <= 502 + 101 * seconds,
    JSON.stringify({ statuses, seconds }),
  );
  assert.equal(statuses[200] + statuses[429], 2_000);
  const { retryAfterMs } = assertProblem(refused!, "rate_limited");
  assert.equal(retryAfterMs, 1_000);
  assert.equal(refused!.headers.get("retry-after"), "1");
  assert.equal(refused!.headers.get("strict-transport-security"), "max-age=31536000");
  assert.equal((await other.ask("/api/v1/users/me")).status, 200);
  assert.equal((await greedy.ask("/nginx-health")).status, 200);
});

test("an office at nine o'clock meets no limit: 20 requests each and 100 logins at once", async (stage) => {
  const office = stage.client();
  const logins = await burst(office, 100, "/api/v1/auth/login", { method: "POST", body: "{}" });
  const requests = await burst(office, 400, "/api/v1/sync");
  assert.deepEqual([logins.statuses, requests.statuses], [{ 200: 100 }, { 200: 400 }]);
});

test("logins and new accounts are counted for themselves, however the path is written", async (stage) => {
  const client = stage.client();
  const spellings = [
    "/api/v1/auth/login",
    "/api/v1/auth/%6Cogin",
    "/api/v1//auth/login",
    "/api/v1/./auth/setup",
  ];
  const logins = await burst(client, 300, (i) => spellings[i % 4], { method: "POST", body: "{}" });
  assert.ok(logins.statuses[200] <= 102 + 6 * logins.seconds, JSON.stringify(logins.statuses));
  assertProblem(logins.refused!, "rate_limited");
  const accounts = await burst(client, 100, "/api/v1/auth/register", { method: "POST", body: "{}" });
  assert.ok(accounts.statuses[200] >= 50 && accounts.statuses[200] <= 52 + 2 * accounts.seconds);
  // What needs no password goes on.
  assert.equal((await client.ask("/api/v1/auth/refresh", { method: "POST" })).status, 200);
});

test("addresses of one IPv6 network are one client", async (stage) => {
  const [one, neighbour, other] = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"];
  const register = "/api/v1/auth/register";
  assert.ok((await burst(stage.client(one), 100, register)).statuses[429] > 0);
  assert.ok((await burst(stage.client(neighbour), 20, register)).statuses[429] > 0);
  assert.deepEqual((await burst(stage.client(other), 20, register)).statuses, { 200: 20 });
});

test(
  "addresses that are named in unlimited.conf meet no limit",
  async (stage) => {
    const free = await burst(stage.client("192.0.2.1"), 200, "/api/v1/auth/register");
    assert.deepEqual(free.statuses, { 200: 200 });
    assert.ok((await burst(stage.client("192.0.2.2"), 200, "/api/v1/auth/register")).statuses[429] > 0);
  },
  { "unlimited.conf": "192.0.2.1 1;\n" },
);

const shippedLimits = await Deno.readTextFile(new URL("../../nginx/site/limits.conf", import.meta.url));

test(
  "one address may have so many sockets and no more",
  async (stage) => {
    const [greedy, other] = [stage.client(), stage.client()];
    const sockets = [];
    for (let i = 0; i < 3; i++) sockets.push(await greedy.socket() as WebSocket);
    assert.equal(await greedy.socket(), 429);
    const headers = { upgrade: "websocket" };
    assertProblem(await greedy.ask("/api/v1/ws", { headers }), "rate_limited");
    // Only sockets are counted.
    assert.equal((await greedy.ask("/api/v1/users/me")).status, 200);
    sockets.push(await other.socket() as WebSocket);
    sockets.shift()!.terminate();
    await until("there is room again", async () => {
      const socket = await greedy.socket();
      if (typeof socket === "number") return false;
      sockets.push(socket);
      return true;
    });
    sockets.forEach((socket) => socket.terminate());
  },
  { "limits.conf": shippedLimits.replace(/(limit_conn imserver_connected) \d+/, "$1 3") },
);

test("what is too large or malformed does not reach a gateway", async (stage) => {
  const client = stage.client();
  const post = (bytes: number) => client.ask("/api/v1/groups", { method: "POST", body: "x".repeat(bytes) });
  assert.equal((await post(256 * 1024)).status, 200);
  stage.taken();
  assertProblem(await post(256 * 1024 + 1), "too_large");
  const huge = await overTls(stage, `GET / HTTP/1.1\r\nhost: x\r\ncookie: ${"x".repeat(70_000)}\r\n\r\n`);
  assert.match(huge, /^HTTP\/1\.1 413 [^]*"code":"too_large"/);
  const nonsense = await overTls(stage, "GET / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n");
  assert.match(nonsense, /^HTTP\/1\.1 400 [^]*"code":"invalid_request"/);
  const trace = await overTls(stage, "TRACE / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  assert.match(trace, /^HTTP\/1\.1 405 [^]*"code":"method_not_allowed"/);
  assert.deepEqual(stage.taken(), []);
});

/** Bytes as they are, over TLS; everything that comes back. */
async function overTls({ nginx, ca }: NginxStage, text: string): Promise<string> {
  using connection = await Deno.connectTls({ hostname: "127.0.0.1", port: nginx.port, caCerts: [ca] });
  const writing = (async () => {
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode(text)).catch(() => {});
    writer.releaseLock();
  })();
  let said = "";
  const decoder = new TextDecoder();
  const reader = connection.readable.getReader();
  for (;;) {
    const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }));
    if (done) break;
    said += decoder.decode(value, { stream: true });
    if (/\r\n\r\n\{.*\}$/s.test(said)) break;
  }
  await reader.cancel().catch(() => {});
  await writing;
  return said;
}

for (const trouble of ["break", 503, "gone"] as const) {
  test(`a gateway's trouble costs nobody a GET: ${trouble}`, async (stage) => {
    const client = stage.client();
    const [sick, well] = stage.upstreams;
    if (trouble === "gone") sick.close();
    else sick.answer = trouble;
    for (let i = 0; i < 30; i++) {
      assert.equal((await client.ask(i % 2 ? "/api/v1/users/me" : "/api/v1/sync")).status, 200);
    }
    assert.equal(well.asked.length, 30);
    // Nothing of a POST has reached a gateway that is left out, or that cannot be reached.
    assert.equal((await client.ask("/api/v1/groups", { method: "POST", body: "{}" })).status, 200);
    if (trouble === "gone") return;
    // After three failures it is left out; and when it is well, it is asked again.
    assert.equal(sick.asked.length, 3);
    sick.answer = 200;
    await until("it is asked again", async () => {
      await client.ask("/api/v1/users/me");
      return sick.asked.length > 3;
    });
  });
}

test("a POST that a gateway may have done is not repeated; the client is told to", async (stage) => {
  const client = stage.client();
  for (const upstream of stage.upstreams) upstream.answer = "break";
  const answer = await client.ask("/api/v1/conversations/1/messages", { method: "POST", body: "{}" });
  const { retryAfterMs } = assertProblem(answer, "unavailable");
  assert.equal(retryAfterMs, 2_000);
  assert.equal(answer.headers.get("retry-after"), "2");
  assert.equal(stage.taken().length, 1);
  // A gateway's own 503 passes as it is.
  for (const upstream of stage.upstreams) upstream.answer = 503;
  const own = await client.ask("/api/v1/conversations/1/messages", { method: "POST", body: "{}" });
  assert.deepEqual([own.status, own.body], [503, "ok"]);
  assert.equal(stage.taken().length, 1);
});

test("no gateway at all is `unavailable` on every path, and over at once when one is back", async (stage) => {
  const client = stage.client();
  const ports = stage.upstreams.map(({ port }) => port);
  for (const upstream of stage.upstreams) upstream.close();
  for (const path of ["/", "/api/v1/users/me", "/api/v1/ws"]) {
    for (let i = 0; i < 4; i++) assertProblem(await client.ask(path), "unavailable");
  }
  assert.equal(await client.socket(), 503);
  const back = Deno.serve(
    { hostname: "127.0.0.1", port: ports[0], onListen: () => {} },
    () => new Response("ok"),
  );
  await until("it goes on", async () => (await client.ask("/")).status === 200);
  await back.shutdown();
});

test("troubles of the API leave the page alone", async (stage) => {
  const client = stage.client();
  for (const upstream of stage.upstreams) upstream.answer = 503;
  for (let i = 0; i < 20; i++) assert.equal((await client.ask("/api/v1/users/me")).status, 503);
  for (const upstream of stage.upstreams) upstream.answer = 200;
  assert.equal((await client.ask("/")).status, 200);
});

test("the log is JSON and holds neither tokens nor what people search for", async (stage) => {
  const headers = {
    authorization: "Bearer SECRET1",
    cookie: "imserver_access=SECRET2",
    referer: "https://x/SECRET3",
  };
  await stage.client().ask("/api/v1/users?query=SECRET4", {
    headers: { ...headers, "user-agent": 'a"b\\c' },
  });
  await until("the line is written", async () => (await stage.nginx.log("access.log")).includes("/users"));
  const log = await stage.nginx.log("access.log");
  const line = JSON.parse(log.trim().split("\n").at(-1)!);
  assert.equal(line.path, "/api/v1/users");
  assert.deepEqual([line.status, line.method, line.agent, line.client], [
    200,
    "GET",
    'a"b\\c',
    "198.51.100.1",
  ]);
  assert.equal(typeof line.seconds, "number");
  assert.doesNotMatch(log + await stage.nginx.log("error.log"), /SECRET/);
});

test("sockets go where the fewest are, and a request's place does not depend on them", async (stage) => {
  const client = stage.client();
  const sockets = [];
  for (let i = 0; i < 10; i++) sockets.push(await client.socket() as WebSocket);
  const counts = () => stage.upstreams.map(({ asked }) => asked.length);
  assert.deepEqual(counts(), [5, 5]);
  stage.taken();
  // All sockets of one gateway end: new ones go there, requests to both.
  for (const socket of sockets.splice(0)) socket.terminate();
  stage.upstreams[0].answer = 503;
  for (let i = 0; i < 6; i++) sockets.push(await client.socket() as WebSocket);
  stage.upstreams[0].answer = 200;
  stage.taken();
  for (let i = 0; i < 20; i++) await client.ask("/api/v1/users/me");
  const [few, many] = counts();
  assert.ok(few >= 5 && many >= 5, `${few} and ${many} of 20`);
  for (const socket of sockets) socket.terminate();
});

test("a socket lives through silence longer than a request may take, and through a reload", async (stage) => {
  const socket = await stage.client().socket() as WebSocket;
  let echoes = 0;
  socket.on("message", () => echoes += 1);
  const config = await stage.nginx.check("-T");
  const timeouts = [...config.matchAll(/proxy_read_timeout +(\d+)s/g)].map(([, seconds]) => Number(seconds));
  const [request, longest] = [Math.min(...timeouts), Math.max(...timeouts)];
  // Two pings of the server's, which are 30 s apart, and some room.
  assert.ok(longest > 60 + 30, `${longest} s`);
  await new Promise((resolve) => setTimeout(resolve, 1_000 * request / 2));
  stage.nginx.signal("SIGHUP");
  await new Promise((resolve) => setTimeout(resolve, 1_000 * (request / 2 + 2)));
  socket.send("still there?");
  await until("an echo", () => echoes > 0, 3_000);
  assert.equal((await stage.client().ask("/")).status, 200);
  socket.terminate();
});
