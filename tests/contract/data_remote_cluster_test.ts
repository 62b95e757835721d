import { certificates } from "../support/certificates.ts";
import { openRemoteData } from "../support/remote_data.ts";
import { dataCases } from "./data_cases.ts";
import { START_MS } from "./data_world.ts";

dataCases("data, over gRPC with mTLS, two dbproxies", async () => {
  const { ca, server, client } = await certificates();
  const tls = { server: { ...server, ca }, client: { ...client, ca } };
  return openRemoteData({ startMs: START_MS, dbproxies: 2, tls });
});
