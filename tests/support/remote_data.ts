import { connectData } from "../../data/remote/client.ts";
import { serveData } from "../../data/remote/server.ts";
import { openLocalData } from "./local_data.ts";

export interface RemoteDataOptions {
  startMs: number;
  /** How many dbproxies serve the one Data. */
  dbproxies?: number;
  tls?: {
    server: { cert: string; key: string; ca?: string };
    client: { ca: string; cert?: string; key?: string };
  };
}

/** A Data behind real sockets: a gateway's client, dbproxies, and one new database in memory. */
export async function openRemoteData({ startMs, dbproxies = 1, tls }: RemoteDataOptions) {
  const local = await openLocalData(":memory:", startMs);
  const listen = { host: "127.0.0.1", port: 0 };
  const start = () => serveData(local.data, { listen, tls: tls?.server });
  const servers = await Promise.all(Array.from({ length: dbproxies }, start));
  const addresses = servers.map(({ port }) => ({ host: "127.0.0.1", port }));
  const client = connectData({ dbproxies: addresses, tls: tls?.client });
  if (!await client.untilReady(10_000, dbproxies)) throw new Error("the dbproxies did not come up");
  const close = async () => {
    client.close();
    await Promise.all(servers.map((server) => server.close()));
    await local.close();
  };
  return { ...local, data: client.data, client, servers, close };
}
