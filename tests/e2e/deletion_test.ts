import assert from "node:assert/strict";
import { register, rest } from "../support/people.ts";
import { startProcess, tempFolder } from "../support/server.ts";

const GROUPS = 60;

Deno.test("a deletion that was killed in its middle is carried on at the next start", async () => {
  using data = tempFolder();
  const args = ["--rate-limit-scale", "0"];
  let server = await startProcess({ dataDir: data.path, args });
  try {
    const [ann, bob] = [await register(server.url), await register(server.url)];
    await rest(server.url, "friend.request", { userId: ann.id }, bob.accessToken);
    await rest(server.url, "friend.accept", { userId: bob.id }, ann.accessToken);
    for (let i = 0; i < GROUPS; i++) {
      await rest(server.url, "group.create", { title: `g${i}`, memberIds: [bob.id] }, ann.accessToken);
    }
    const owned = async () => {
      const { conversations } = await rest(server.url, "conversation.list", { limit: 200 }, bob.accessToken);
      return conversations.filter(({ role }) => role === "owner").length;
    };
    await rest(server.url, "user.delete", { password: "correct horse battery" }, ann.accessToken);
    await server.stop("SIGKILL");
    server = await startProcess({ dataDir: data.path, args });
    const first = await owned();
    assert.ok(first < GROUPS, `it was killed too late: ${first} groups had been left`);
    const login = rest(server.url, "auth.login", {
      username: ann.username,
      password: "correct horse battery",
    });
    await assert.rejects(login, { code: "invalid_credentials" });
    const until = Date.now() + 60_000;
    while (await owned() < GROUPS && Date.now() < until) await new Promise((r) => setTimeout(r, 500));
    assert.equal(await owned(), GROUPS, "every group was left, and passed on");
    assert.deepEqual((await rest(server.url, "friend.list", {}, bob.accessToken)).friends, []);
    const { deleted, displayName } = await rest(server.url, "user.get", { userId: ann.id }, bob.accessToken);
    assert.deepEqual([deleted, displayName], [true, ""]);
  } finally {
    await server.stop("SIGKILL");
  }
});
