import assert from "node:assert/strict";
import { firstAdmin } from "../support/first_admin.ts";
import { rest } from "../support/people.ts";
import { type RevocationScene, revoke } from "../support/revocation.ts";
import { startProcess, tempFolder } from "../support/server.ts";

/** Two gateways and Redis that is away: tests/cluster/revocation_test.ts. */
const BOUND_MS = 2_000;
const PASSWORD = "correct horse battery";

Deno.test("revocation: whichever way a session ends, nothing more is heard 2 s after the acknowledgement", async () => {
  using data = tempFolder();
  await using server = await startProcess({ dataDir: data.path, args: ["--rate-limit-scale=0"] });
  const { url } = server;
  const boss = await firstAdmin(server);
  const sessionOf = (token: string) => JSON.parse(atob(token.split(".")[1])).sid as string;
  const ways: Record<string, RevocationScene["end"]> = {
    "logout": ({ accessToken }) => rest(url, "auth.logout", {}, accessToken),
    "revoke": ({ accessToken, other }) =>
      rest(url, "session.revoke", { sessionId: sessionOf(accessToken) }, other),
    "revokeOthers": ({ other }) => rest(url, "session.revokeOthers", {}, other),
    "setPassword": ({ other }) =>
      rest(url, "user.setPassword", { oldPassword: PASSWORD, newPassword: "another horse battery" }, other),
    "disable": ({ id }) => rest(url, "admin.disable", { userId: id }, boss.accessToken),
    "endSessions": ({ id }) => rest(url, "admin.endSessions", { userId: id }, boss.accessToken),
    "resetPassword": ({ id }) => rest(url, "admin.resetPassword", { userId: id }, boss.accessToken),
    "a refresh token used twice": async ({ refreshToken }) => {
      await rest(url, "auth.refresh", { refreshToken });
      await rest(url, "auth.refresh", { refreshToken }).catch(() => {});
    },
  };
  await Promise.all(
    Object.entries(ways).map(async ([way, end]) => {
      const { lastHeardMs, closedMs, code, heard } = await revoke({
        at: url,
        from: url,
        end,
        withinMs: BOUND_MS,
      });
      assert.ok(heard >= 3 && lastHeardMs < BOUND_MS && closedMs < BOUND_MS, `${way}: ${lastHeardMs} ms`);
      assert.equal(code, 4001, way);
    }),
  );
});
