import assert from "node:assert/strict";
import { createLogger } from "./log.ts";
import { OtlpExporter } from "./otlp.ts";
import type { Span } from "./tracer.ts";

const SPAN: Span = {
  name: "message.send",
  kind: 2,
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  parent: "00-0af7651916cd43dd8448eb211c80319c-1111111111111111-01",
  links: ["00-22222222222222222222222222222222-3333333333333333-01"],
  startMs: 1_800_000_000_000.25,
  endMs: 1_800_000_000_001.5,
  error: "overloaded",
};

function setUp(endpoint: string) {
  const lines: string[] = [];
  const log = createLogger({ format: "json", level: "info", write: (line) => lines.push(line) });
  const options = {
    endpoint,
    resource: { "service.name": "im" },
    scope: { name: "imserver", version: "1" },
    log,
  };
  return { lines, exporter: new OtlpExporter(options) };
}

Deno.test("otlp: spans arrive as the specification writes them, 500 in one request", async () => {
  const bodies: string[] = [];
  await using collector = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      bodies.push(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`);
      return Response.json({});
    },
  );
  const { exporter, lines } = setUp(`http://127.0.0.1:${collector.addr.port}`);
  for (let i = 0; i < 501; i++) exporter.take(SPAN);
  await exporter.close();
  assert.deepEqual([bodies.length, exporter.stats, lines], [2, { sent: 501, dropped: 0 }, []]);
  const [, method, body] = /^(\S+ \S+) (.*)$/.exec(bodies[1])!;
  assert.equal(method, "POST /v1/traces");
  assert.deepEqual(JSON.parse(body), {
    resourceSpans: [{
      resource: { attributes: [{ key: "service.name", value: { stringValue: "im" } }] },
      scopeSpans: [{
        scope: { name: "imserver", version: "1" },
        spans: [{
          traceId: "0af7651916cd43dd8448eb211c80319c",
          spanId: "b7ad6b7169203331",
          parentSpanId: "1111111111111111",
          name: "message.send",
          kind: 2,
          startTimeUnixNano: "1800000000000250000",
          endTimeUnixNano: "1800000000001500000",
          links: [{ traceId: "22222222222222222222222222222222", spanId: "3333333333333333" }],
          attributes: [{ key: "error.type", value: { stringValue: "overloaded" } }],
          status: { code: 2 },
        }],
      }],
    }],
  });
});

Deno.test("otlp: what a collector does not take is dropped and counted; what waits is bounded", async () => {
  await using collector = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(null, { status: 503 }),
  );
  const { exporter, lines } = setUp(`http://127.0.0.1:${collector.addr.port}`);
  for (let i = 0; i < 10_100; i++) exporter.take(SPAN);
  assert.equal(exporter.stats.dropped, 100);
  await exporter.flush();
  assert.equal(exporter.stats.dropped, 600);
  assert.deepEqual(lines.map((line) => JSON.parse(line).because), ["Error: the collector answers 503"]);
  await exporter.close();
  assert.equal(exporter.stats.sent, 0);
});
