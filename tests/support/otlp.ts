/** An OpenTelemetry collector that keeps the spans it is sent (OTLP over HTTP, JSON). */

export interface ReceivedSpan {
  /** `service.name` and `service.instance.id` of who sent it. */
  service: string;
  instance: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  links: { traceId: string; spanId: string }[];
  status?: { code: number };
}

interface Attribute {
  key: string;
  value: { stringValue: string };
}

interface Export {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: ReceivedSpan[] }[] }[];
}

export class OtlpCollector implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  /** Everything that was sent, as text. */
  readonly bodies: string[] = [];
  #server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => this.#take(request),
  );

  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async #take(request: Request): Promise<Response> {
    if (request.method !== "POST" || new URL(request.url).pathname !== "/v1/traces") {
      return new Response(null, { status: 404 });
    }
    const body = await request.text();
    this.bodies.push(body);
    for (const { resource, scopeSpans } of (JSON.parse(body) as Export).resourceSpans) {
      const of = (name: string) => resource.attributes.find(({ key }) => key === name)!.value.stringValue;
      const [service, instance] = [of("service.name"), of("service.instance.id")];
      this.spans.push(
        ...scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service, instance }))),
      );
    }
    return Response.json({});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
