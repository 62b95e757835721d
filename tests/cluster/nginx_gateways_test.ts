import assert from "node:assert/strict";
import { join } from "node:path";
import type { WebSocket } from "ws";
import { formatKeys, generateKeys } from "../../auth/keys.ts";
import { makeCertificateFiles } from "../support/certificate_files.ts";
import { EDGE, Nginx } from "../support/nginx.ts";
import { freshName, heard, Wire } from "../support/people.ts";
import { until } from "../support/processes.ts";
import { freePort, type Server, startProcess, tempFolder } from "../support/server.ts";
import { TlsClient } from "../support/tls_client.ts";

/** Two real gateways over one dbproxy on SQLite, behind nginx as it is shipped. */

class Stage implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly gateways: Server[] = [];
  client!: TlsClient;

  static async open(): Promise<Stage> {
    const stage = new Stage();
    await stage.#open().catch(async (error) => (await stage.#stack.disposeAsync(), Promise.reject(error)));
    return stage;
  }

  async #open(): Promise<void> {
    const { path: folder } = this.#stack.use(tempFolder());
    const { ca, cert, key } = await makeCertificateFiles(folder);
    const keyFile = join(folder, "keys.json");
    await Deno.writeTextFile(keyFile, formatKeys(generateKeys(Date.now())), { mode: 0o600 });
    const [proxyPort, ports] = [freePort(), [freePort(), freePort()]];
    const nginx = await Nginx.start({
      folder: join(folder, "nginx"),
      gateways: ports,
      cert,
      key,
      site: { "edge.conf": EDGE },
    });
    this.#stack.defer(() => nginx.stop());
    const dbproxy = ["--mode=dbproxy", `--grpc-listen=127.0.0.1:${proxyPort}`];
    this.#stack.use(await startProcess({ dataDir: join(folder, "data"), args: dbproxy }));
    for (const port of ports) {
      const args = [
        "--mode=gateway",
        `--dbproxy=127.0.0.1:${proxyPort}`,
        `--key-file=${keyFile}`,
        "--trusted-proxies=127.0.0.1",
        `--public-url=${nginx.url}`,
      ];
      const gateway = this.#stack.use(await startProcess({ dataDir: folder, port, args }));
      this.gateways.push(gateway);
    }
    this.client = this.#stack.use(new TlsClient(nginx.url, await Deno.readTextFile(ca)));
  }

  async person() {
    const login = { username: freshName(), password: "correct horse battery" };
    const { user, accessToken } = await this.client.call("auth.register", login);
    return { id: user.id, accessToken: accessToken! };
  }

  async connect({ accessToken }: { accessToken: string }): Promise<Wire> {
    const socket = await this.client.socket(accessToken);
    assert.ok(typeof socket !== "number", `refused with ${socket}`);
    const wire = Wire.over(socket as WebSocket);
    await until("a session", async () => (await wire.call("user.me", {})).id !== "");
    return wire;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

const text = (words: string) => ({
  clientId: crypto.randomUUID(),
  content: { type: "text" as const, text: words },
});

Deno.test("nginx: people talk through it; one gateway dies, and only its sockets notice", async () => {
  await using stage = await Stage.open();
  const [alice, bob] = [await stage.person(), await stage.person()];
  const { id: conversationId } = await stage.client.call(
    "conversation.openDirect",
    { userId: bob.id },
    alice.accessToken,
  );
  // The fewest connections: one socket on each gateway.
  const wires = [await stage.connect(alice), await stage.connect(bob)];
  await wires[0].call("message.send", { conversationId, ...text("one") });
  await wires[1].until(() => heard(wires[1], conversationId).length === 1);

  const lost: boolean[] = [false, false];
  wires.forEach((wire, i) => wire.closed.then(() => lost[i] = true));
  let asked = 0;
  let done = false;
  const asking = (async () => {
    for (; !done; asked++) await stage.client.call("user.me", {}, alice.accessToken);
  })();
  await until("requests are under way", () => asked > 20);
  await stage.gateways[0].stop("SIGKILL");
  await until("one socket is closed", () => lost[0] || lost[1]);
  const before = asked;
  await until("requests go on", () => asked > before + 50);
  assert.deepEqual(lost.toSorted(), [false, true]);

  const who = lost[0] ? 0 : 1;
  wires[who] = await stage.connect([alice, bob][who]);
  await wires[who].call("message.send", { conversationId, ...text("two") });
  const other = wires[1 - who];
  await other.until(() => heard(other, conversationId).some(({ content }) => content.text === "two"));
  // New work by POST, too: what could not be sent to the dead one goes to the other.
  await stage.client.call("message.send", { conversationId, ...text("three") }, bob.accessToken);
  done = true;
  await asking;

  await stage.gateways[1].stop("SIGTERM");
  const down = stage.client.call("user.me", {}, alice.accessToken);
  await assert.rejects(down, { code: "unavailable" });
  for (const wire of wires) wire.socket.terminate();
});

Deno.test("nginx: guessing passwords closes the guesser's own address, not everybody's", async () => {
  await using stage = await Stage.open();
  const login = { username: freshName(), password: "correct horse battery" };
  await stage.client.call("auth.register", login);
  using guesser = new TlsClient(stage.client.url, stage.client.ca, { "x-test-client": "198.51.100.66" });
  const wrong = { ...login, password: "wrong horse battery" };
  const guess = () => guesser.call("auth.login", wrong).catch((error) => error.code);
  // Each gateway counts for itself, and they are asked in turn.
  let refused = 0;
  for (let i = 0; i < 60 && refused < 4; i++) refused = await guess() === "rate_limited" ? refused + 1 : 0;
  assert.equal(refused, 4);
  // Were it nginx's address that the gateways see, this one would be closed, too.
  for (let i = 0; i < 4; i++) await stage.client.call("auth.login", login);
});
