/** A network that can go wrong: stands between a client and a server, and does to their bytes what a test says. */
export interface TcpProxy {
  port: number;
  /** How many connections are open. */
  connections(): number;
  /** Ends all connections. New ones are taken. */
  cut(): void;
  /** Passes no more bytes, either way, and ends nothing: as a process that was stopped, or a cable pulled. */
  freeze(): void;
  /** Passes everything again, first what came meanwhile. */
  thaw(): void;
  /** Each piece arrives so much later, in order. 0: at once. */
  delay(ms: number): void;
  /** From now on connections go to another port. */
  redirect(port: number): void;
  close(): Promise<void>;
}

export function openTcpProxy(targetPort: number, hostname = "127.0.0.1"): TcpProxy {
  const listener = Deno.listen({ hostname, port: 0 });
  const open = new Set<Deno.Conn>();
  const running = new Set<Promise<void>>();
  let delayMs = 0;
  let thawed = Promise.withResolvers<void>();
  thawed.resolve();

  const accept = async () => {
    for await (const client of listener) track(join(client));
  };
  const join = async (client: Deno.Conn) => {
    open.add(client);
    const server = await Deno.connect({ hostname, port: targetPort }).catch(() => undefined);
    if (server) {
      open.add(server);
      await Promise.all([pass(client, server), pass(server, client)]);
    }
    end(client, server);
  };
  const pass = async (from: Deno.Conn, to: Deno.Conn) => {
    // Set first, so that of two pieces the second does not arrive before the first.
    let passed = Promise.resolve();
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
        await thawed.promise;
        const piece = buffer.slice(0, n);
        const due = delayMs === 0 ? undefined : sleep(delayMs);
        passed = passed.then(async () => {
          await due;
          await thawed.promise;
          await writeAll(to, piece);
        });
        // With a delay the next piece is read meanwhile.
        if (!due) await passed;
        else passed.catch(() => {});
      }
      await passed;
    } catch {
      // One of the two has gone; so must the other.
    }
    end(from, to);
  };
  const end = (...connections: (Deno.Conn | undefined)[]) => {
    for (const connection of connections) {
      if (connection && open.delete(connection)) track(hangUp(connection));
    }
  };
  const track = (work: Promise<void>) => {
    const tracked: Promise<void> = work.catch(() => {}).finally(() => running.delete(tracked));
    running.add(tracked);
  };

  const accepting = accept().catch(() => {});
  return {
    port: (listener.addr as Deno.NetAddr).port,
    connections: () => open.size / 2,
    cut: () => end(...open),
    freeze: () => void (thawed = Promise.withResolvers()),
    thaw: () => thawed.resolve(),
    delay: (ms) => void (delayMs = ms),
    redirect: (port) => void (targetPort = port),
    close: async () => {
      listener.close();
      thawed.resolve();
      end(...open);
      await accepting;
      while (running.size > 0) await Promise.all(running);
    },
  };
}

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** Closing alone says nothing to the peer while a read is waiting. */
async function hangUp(connection: Deno.Conn): Promise<void> {
  await connection.closeWrite().catch(() => {});
  connection.close();
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
