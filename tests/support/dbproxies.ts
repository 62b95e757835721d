import { connectData, type ConnectDataOptions } from "../../data/remote/client.ts";
import { serveData, type ServeDataOptions } from "../../data/remote/server.ts";
import type { Data } from "../../data/service.ts";
import { openTcpProxy, type TcpProxy } from "./tcp_proxy.ts";

/** Some methods of Data; the others fail. */
export type Stub = { [S in keyof Data]?: Partial<Data[S]> };

export function stubData(stub: Stub): Data {
  const services = ["users", "sessions", "relations", "conversations", "log", "inboxes", "searches"] as const;
  const refuse = () => Promise.reject(new Error("not in the stub"));
  const of = (service: Record<string, unknown> = {}) =>
    new Proxy(service, { get: (target, name) => target[name as string] ?? refuse });
  return Object.fromEntries(services.map((name) => [name, of(stub[name])])) as unknown as Data;
}

/** A dbproxy with a bad network before it. */
export interface Node {
  server: Awaited<ReturnType<typeof serveData>>;
  network: TcpProxy;
  /** As the gateway knows it. */
  name: string;
}

interface Options {
  client?: Partial<ConnectDataOptions>;
  server?: Partial<ServeDataOptions>;
}

const HOST = "127.0.0.1";

/** One dbproxy for each Data, each behind a network of its own, and a gateway's client that reaches all. */
export async function openDbproxies(datas: Data[], options: Options = {}) {
  const nodes: Node[] = [];
  for (const data of datas) {
    const server = await serveData(data, { listen: { host: HOST, port: 0 }, ...options.server });
    const network = openTcpProxy(server.port);
    nodes.push({ server, network, name: `${HOST}:${network.port}` });
  }
  const dbproxies = nodes.map(({ network }) => ({ host: HOST, port: network.port }));
  const client = connectData({ dbproxies, ...options.client });
  if (!await client.untilReady(10_000, nodes.length)) throw new Error("the dbproxies did not come up");
  const close = async () => {
    const away = client.healthy().length < nodes.length;
    client.close();
    if (away) await afterAttempts();
    await Promise.all(nodes.map(({ server }) => server.close()));
    await Promise.all(nodes.map(({ network }) => network.close()));
  };
  return { nodes, client, data: client.data, [Symbol.asyncDispose]: close };
}

/** grpc-js leaves timers behind for an attempt to connect that failed, for about 240 ms. */
export const afterAttempts = () => new Promise((resolve) => setTimeout(resolve, 400));
