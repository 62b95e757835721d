import assert from "node:assert/strict";
import type { Content } from "../../wire/content.ts";
import { type Operation, operations } from "../../wire/operations.ts";
import { register, rest, routeOf } from "../support/people.ts";
import { request } from "../support/raw.ts";
import { ROOT, startProcess, tempFolder } from "../support/server.ts";

/** SSRF: users may name addresses, which others' clients show; the server itself goes to none of them. */

/** What ends the session or deletes the account would only end the test. */
const NAMES = Object.keys(operations).filter((name) => !/logout|revoke|delet|setPassword/i.test(name));

Deno.test("SSRF: nothing that a user can say makes the server dial", async () => {
  using data = tempFolder();
  await using server = await startProcess({ dataDir: data.path, args: ["--rate-limit-scale=0"] });
  const { url } = server;
  using trap = new Trap();
  const [ann, bob] = [await register(url), await register(url)];
  const { id } = await rest(url, "conversation.openDirect", { userId: bob.id }, ann.accessToken);
  const say = (content: Content) =>
    rest(
      url,
      "message.send",
      { conversationId: id, clientId: crypto.randomUUID(), content },
      ann.accessToken,
    );

  // Where addresses are welcome they are kept, and shown as they are.
  await say({ type: "text", text: `look: ${trap.url("http")} and ${trap.url("https")}` });
  const file = { url: trap.url("https"), name: "a.png", size: 1, mime: "image/png" };
  await say({ type: "image", file, width: 1, height: 1 });
  await say({ type: "file", file });
  const self = await rest(url, "user.update", { avatar: trap.url("https") }, ann.accessToken);
  assert.equal(self.avatar, trap.url("https"));

  // Everywhere else they are refused, or are only words.
  for (const name of NAMES) {
    const operation = (operations as Record<string, Operation>)[name];
    for (const scheme of ["http", "https"]) {
      const fields = Object.keys(operation.input.shape).map((field) => [field, trap.url(scheme)]);
      const { path, body } = routeOf(operation, Object.fromEntries(fields));
      const options = { method: operation.method, accessToken: ann.accessToken, body };
      const answer = await request(url, `/api/v1${path}`, options);
      assert.ok(answer.status < 500, `${name}: ${answer.status} ${answer.body}`);
    }
  }
  for (const header of ["host", "x-forwarded-host", "x-forwarded-for", "referer", "origin", "forwarded"]) {
    const headers = { [header]: header.endsWith("host") ? trap.host : trap.url("http") };
    await request(url, "/api/v1/users/me", { headers, accessToken: ann.accessToken });
    await request(url, "/", { headers });
  }
  // As a proxy would be asked.
  await request(url, trap.url("http"), { accessToken: ann.accessToken });
  assert.equal(trap.visits, 0);
  await (await Deno.connect({ hostname: "127.0.0.1", port: trap.port })).close();
  await trap.visited;
  assert.equal(trap.visits, 1, "it would have noticed");
});

/** Every place that asks another server something over HTTP, and by whose word. */
const FETCHES = [
  // --s3-endpoint
  "blobs/s3.ts",
  // --oidc-issuer, and what its own document names; no redirects, bounded in time and size.
  "auth/oidc.ts",
  // --trace-endpoint
  "kit/otlp.ts",
  // Commands that an operator runs.
  "modes/commands/",
];

Deno.test("SSRF: HTTP requests leave from few places, whose addresses are flags of the operator's", async () => {
  const places: string[] = [];
  for (const room of ["auth", "blobs", "bus", "chat", "data", "gateway", "kit", "media", "modes", "wire"]) {
    for await (const path of sources(room)) {
      const text = await Deno.readTextFile(ROOT + path);
      if (/(?<![.#\w])fetch\(|Deno\.connect|\bhttps?\.(get|request)\(|new WebSocket\(/.test(text)) {
        places.push(path);
      }
    }
  }
  assert.ok(places.includes("blobs/s3.ts"), "it finds what there is");
  assert.deepEqual(places.filter((path) => !FETCHES.some((known) => path.startsWith(known))), []);
});

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory && name !== "testdata") yield* sources(path);
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield path;
  }
}

/** A port that counts who comes. */
class Trap implements Disposable {
  visits = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #visit = Promise.withResolvers<void>();
  readonly visited = this.#visit.promise;

  constructor() {
    void this.#count();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  url(scheme: string): string {
    return `${scheme}://${this.host}/metadata`;
  }

  async #count(): Promise<void> {
    for await (const connection of this.#listener) {
      this.visits += 1;
      connection.close();
      this.#visit.resolve();
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}
