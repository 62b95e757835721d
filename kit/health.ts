import { createServer, type Server } from "node:http";

const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * The operator's port: `/healthz` says that the process lives, `/readyz` that it should be sent traffic: 200 or 503,
 * and a JSON body that says why. `/metrics` gives the numbers of kit/metrics.ts as text. Not for clients: it listens
 * on loopback unless told otherwise.
 */
export function createHealthServer(
  isReady: () => Promise<string | null>,
  metrics: () => string = () => "",
): Server {
  return createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, async (request, response) => {
    const path = request.url?.split("?", 1)[0];
    const answer = (status: number, body: Record<string, unknown>) => {
      response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
      response.end(JSON.stringify(body));
    };
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return answer(405, { status: "method not allowed" });
    }
    if (path === "/healthz") return answer(200, { status: "ok" });
    if (path === "/metrics") {
      response.writeHead(200, { "content-type": METRICS_TYPE, "cache-control": "no-store" });
      return void response.end(metrics());
    }
    if (path !== "/readyz") return answer(404, { status: "not found" });
    const trouble = await isReady().catch((error) => error instanceof Error ? error.message : String(error));
    if (trouble === null) answer(200, { status: "ok" });
    else answer(503, { status: "unavailable", reason: trouble });
  });
}
