import assert from "node:assert/strict";
import { Cluster } from "../support/cluster.ts";
import { scrape } from "../support/metrics.ts";
import { OtlpCollector, type ReceivedSpan } from "../support/otlp.ts";
import { heard, register, Wire } from "../support/people.ts";
import { until } from "../support/processes.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const CLIENT_SPAN = "b7ad6b7169203331";
const SERVER = 2, CLIENT = 3, CONSUMER = 5;

Deno.test("trace: a message over two gateways and a dbproxy is one connected trace at a real OTLP endpoint", async () => {
  await using collector = await Promise.resolve(new OtlpCollector());
  const flags = [`--trace-endpoint=${collector.endpoint}`];
  await using cluster = await Cluster.start({
    fast: true,
    // As it is shipped: in one file, with the rights it has there.
    flavour: "dist",
    dbproxies: 1,
    args: [...flags, "--trace-sample=1"],
    dbproxyArgs: flags,
  });
  const [one, two] = cluster.gateways.map(({ server }) => server);
  const [ann, bob] = [await register(one.url), await register(two.url)];
  const [anns, bobs] = [
    await Wire.open(one.url, ann.accessToken),
    await Wire.open(two.url, bob.accessToken),
  ];
  const { id: conversationId } = await anns.call("conversation.openDirect", { userId: bob.id });
  const content = { type: "text", text: "hello" };
  // The flag says that the client does not record; what the server does is not the client's to say.
  anns.socket.send(JSON.stringify({
    jsonrpc: "2.0",
    id: "traced",
    method: "message.send",
    params: { conversationId, clientId: "c1", content },
    traceparent: `00-${TRACE_ID}-${CLIENT_SPAN}-00`,
  }));
  await bobs.until(() => heard(bobs, conversationId).length === 1, 60_000);

  const trace = () => collector.spans.filter(({ traceId }) => traceId === TRACE_ID);
  const find = (name: string, kind: number, where: (span: ReceivedSpan) => boolean = () => true) =>
    trace().find((span) => span.name === name && span.kind === kind && where(span));
  const instance = (pid: number) => ({ instance }: ReceivedSpan) => instance.endsWith(`:${pid}`);
  const spans = () => ({
    send: find("message.send", SERVER, instance(one.pid)),
    call: find("imserver.v1.Log/Append", CLIENT, instance(one.pid)),
    served: find("imserver.v1.Log/Append", SERVER, ({ service }) => service === "imserver-dbproxy"),
    commit: find("group commit", 1),
    transaction: find("sql transaction", CLIENT),
    insert: find("sql insert entries", CLIENT),
    publish: find("redis publish", CLIENT, instance(one.pid)),
    delivery: find("deliver", CONSUMER, instance(two.pid)),
  });
  await until("all its spans have come", () => Object.values(spans()).every(Boolean), 60_000);

  const all = spans() as Record<keyof ReturnType<typeof spans>, ReceivedSpan>;
  const parents: [keyof typeof all, string][] = [
    ["send", CLIENT_SPAN],
    ["call", all.send.spanId],
    ["served", all.call.spanId],
    ["commit", all.served.spanId],
    ["transaction", all.commit.spanId],
    ["insert", all.transaction.spanId],
    ["publish", all.send.spanId],
    ["delivery", all.send.spanId],
  ];
  for (const [name, parent] of parents) assert.equal(all[name].parentSpanId, parent, name);
  assert.deepEqual(all.delivery.links, [{ traceId: TRACE_ID, spanId: all.send.spanId }]);
  const known = new Set([CLIENT_SPAN, ...trace().map(({ spanId }) => spanId)]);
  assert.deepEqual(trace().filter(({ parentSpanId }) => !known.has(parentSpanId!)), []);
  for (const { name, startTimeUnixNano: start, endTimeUnixNano: end } of trace()) {
    assert.ok(BigInt(start) <= BigInt(end), name);
  }
  // What nobody gave a trace to has one of its own, that begins with the request.
  const opened = collector.spans.find(({ name }) => name === "conversation.openDirect")!;
  assert.ok(opened.traceId !== TRACE_ID && opened.parentSpanId === undefined);
  assert.ok((await scrape(one.opsUrl)).value('imserver_spans_total{what="sent"}') > 0);
  for (const wire of [anns, bobs]) wire.socket.terminate();
});
