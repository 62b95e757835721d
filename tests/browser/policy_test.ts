import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PIXEL } from "../support/files.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice Liddell" };
const BOB = { username: "bob", displayName: "Bob" };

/** No one but the server itself, or bytes that are in the page already. */
const OWN = new Set(["'self'", "'none'", "data:", "blob:"]);

scene("every page's policy names no one but its own server, and nothing unsafe", async ({ server }) => {
  for (const path of ["/", "/setup", "/docs"]) {
    const response = await fetch(server.url + path);
    await response.body?.cancel();
    const policy = new Map(
      response.headers.get("content-security-policy")!.split(";").map((directive) => {
        const [name, ...sources] = directive.trim().split(/\s+/);
        return [name, sources] as const;
      }),
    );
    assert.deepEqual([...policy.values()].flat().filter((source) => !OWN.has(source)), []);
    // Scripts and connections: of this server alone, for want of a rule of their own.
    assert.deepEqual(policy.get("default-src"), ["'self'"]);
    for (const name of ["script-src", "script-src-elem", "style-src", "connect-src", "worker-src"]) {
      assert.deepEqual(policy.get(name) ?? ["'self'"], ["'self'"], name);
    }
    assert.deepEqual(policy.get("object-src"), ["'none'"]);
    assert.deepEqual(policy.get("base-uri"), ["'none'"]);
    assert.deepEqual(policy.get("frame-ancestors"), ["'none'"]);
  }
});

scene("whatever is done, the page asks its own server and nobody else", async ({ server, arrive, join }) => {
  const [alice, bob] = await Promise.all([arrive(), join(BOB)]);
  const asked = new Set<string>();
  for (const { context, page } of [alice, bob]) {
    context.on("request", (request) => asked.add(new URL(request.url()).origin));
    page.on("websocket", (socket) => asked.add(new URL(socket.url()).origin));
  }
  await alice.page.reload();
  await alice.register(ALICE);
  await alice.find("bob", "Bob");
  await alice.say("Look: https://example.org/picture.png", "![](https://example.org/picture.png)");
  await bob.open("Alice Liddell");
  await bob.page.getByTestId("file-chooser").setInputFiles([
    { name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PIXEL) },
  ]);
  await bob.sendFiles();
  await alice.page.getByRole("img", { name: "dot.png" }).waitFor();
  await alice.makeGroup("Hike", [{ query: "bob", displayName: "Bob" }]);
  await bob.page.reload();
  await bob.open("Hike");
  const { host } = new URL(server.url);
  // Pictures that are not uploaded yet are shown from the page itself.
  asked.delete("null");
  assert.deepEqual([...asked].sort(), [`http://${host}`, `ws://${host}`]);
});

scene(
  "the page begins with at most 90 KB of JavaScript, compressed, for guests and members",
  async (scene) => {
    const guest = await scene.arrive();
    const member = await scene.join(ALICE);
    for (const { page } of [guest, member]) {
      await page.waitForLoadState("load");
      const bytes = await page.evaluate(() =>
        (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
          .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
          .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
      );
      assert.ok(bytes > 10_000 && bytes <= 90_000, `${bytes} bytes`);
    }
  },
);
