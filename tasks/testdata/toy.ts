/** A small program with the shape of the server, for compile_test.ts: a port, `ws`, a worker, an asset. */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

if ("WorkerGlobalScope" in globalThis) {
  self.postMessage("from the worker");
} else if (Deno.args[0] === "--version") {
  console.log("imserver toy");
} else {
  await serve();
}

async function serve() {
  const asset = await Deno.readTextFile(new URL("./web/index.html", import.meta.url));
  const worker = new Worker(import.meta.url, { type: "module" });
  const said = await new Promise<string>((resolve) => worker.onmessage = (event) => resolve(event.data));
  worker.terminate();
  const server = createServer((_request, response) => response.end(asset));
  new WebSocketServer({ server });
  Deno.addSignalListener("SIGTERM", () => Deno.exit(42));
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { port: number };
    const env = Object.keys(Deno.env.toObject());
    console.log(
      JSON.stringify({ ready: true, port, pid: Deno.pid, said, env, args: Deno.args, cwd: Deno.cwd() }),
    );
  });
}
