import assert from "node:assert/strict";
import { connectData } from "../../data/remote/client.ts";
import { serveData } from "../../data/remote/server.ts";
import type { ClientTls } from "../../data/remote/tls.ts";
import { certificates } from "../support/certificates.ts";
import { afterAttempts, stubData } from "../support/dbproxies.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const HOST = "127.0.0.1";
const { ca, server: own, client: pair, stranger } = await certificates();
const stub = stubData({ log: { epoch: () => Promise.resolve({ epoch: 7 }) } });

/** Whether a gateway with these gets through, to a dbproxy that asks for certificates unless told otherwise. */
async function reaches(tls: ClientTls | undefined, { host = HOST, mutual = true } = {}): Promise<boolean> {
  const server = await serveData(stub, {
    listen: { host: HOST, port: 0 },
    tls: { ...own, ...(mutual ? { ca } : {}) },
  });
  const client = connectData({ dbproxies: [{ host, port: server.port }], tls });
  const reached = await client.untilReady(reachMs(tls));
  if (reached) assert.equal((await client.data.log.epoch({ raise: false })).epoch, 7);
  else await assert.rejects(client.data.log.epoch({ raise: false }), { code: "unavailable" });
  client.close();
  await server.close();
  await afterAttempts();
  return reached;
}

/** Who should be let in has time; who should not must have had several attempts. */
const reachMs = (tls?: ClientTls) => tls?.cert === pair.cert && !tls.serverName ? 5_000 : 700;

Deno.test("mTLS: a gateway with a certificate of the authority comes in, by address and by name", async () => {
  assert.ok(await reaches({ ca, ...pair }));
  assert.ok(await reaches({ ca, ...pair }, { host: "localhost" }));
  assert.ok(await reaches({ ca, ...pair, serverName: "localhost" }));
});

Deno.test("mTLS: without a certificate, or with another authority's, nobody comes in", async () => {
  assert.equal(await reaches({ ca }), false);
  assert.equal(await reaches({ ca, ...stranger }), false);
  assert.equal(await reaches(undefined), false);
});

Deno.test("TLS: a gateway does not talk to who is not the one it looks for", async () => {
  assert.equal(await reaches({ ca: stranger.cert, ...pair, serverName: "localhost" }), false);
  assert.equal(await reaches({ ca, ...pair, serverName: "elsewhere" }), false);
  assert.equal(await reaches({ ca: stranger.cert }, { mutual: false }), false);
});

Deno.test("TLS: without an authority for gateways, any gateway comes in", async () => {
  assert.ok(await reaches({ ca, ...pair }, { mutual: false }));
});
