import { WebSocket } from "ws";
import type { Input, OperationName, Output } from "../../wire/operations.ts";
import { operations } from "../../wire/operations.ts";
import { ImError } from "../../wire/errors.ts";
import { routeOf } from "./people.ts";
import type { RawAnswer } from "./raw.ts";

/** HTTP and WebSocket over TLS, trusting an authority of the tests' own. */
export class TlsClient implements Disposable {
  readonly #client: Deno.HttpClient;

  /** `ca`: PEM text. `headers` go with everything. */
  constructor(readonly url: string, readonly ca: string, readonly headers: Record<string, string> = {}) {
    this.#client = Deno.createHttpClient({ caCerts: [ca] });
  }

  async ask(path: string, init: RequestInit = {}): Promise<RawAnswer> {
    const headers = { ...this.headers, ...init.headers as Record<string, string> };
    // Named, because the DOM's fetch knows no `client`.
    const options: RequestInit & { client: Deno.HttpClient } = {
      redirect: "manual",
      ...init,
      headers,
      client: this.#client,
    };
    const response = await fetch(this.url + path, options);
    return { status: response.status, headers: response.headers, body: await response.text() };
  }

  /** One operation. Throws ImError with the problem's code. */
  async call<N extends OperationName>(name: N, input: Input<N>, accessToken?: string): Promise<Output<N>> {
    const { path, body } = routeOf(operations[name], input);
    const headers: Record<string, string> = {
      ...(accessToken && { authorization: `Bearer ${accessToken}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    };
    const answer = await this.ask(`/api/v1${path}`, { method: operations[name].method, headers, body });
    const value = JSON.parse(answer.body);
    if (answer.status !== 200) throw new ImError(value.code, value.detail);
    return operations[name].output.parse(value) as Output<N>;
  }

  /** An open socket; or the status that refused it. */
  async socket(accessToken = ""): Promise<WebSocket | number> {
    const socket = new WebSocket(`${this.url.replace("https", "wss")}/api/v1/ws`, ["imserver.v1"], {
      headers: { ...this.headers, ...(accessToken && { authorization: `Bearer ${accessToken}` }) },
      ca: this.ca,
    });
    return await new Promise((resolve, reject) => {
      socket.once("open", () => resolve(socket));
      socket.once("error", reject);
      socket.once("unexpected-response", (_: unknown, response: { statusCode: number; resume(): void }) => {
        response.resume();
        socket.on("error", () => {});
        socket.terminate();
        resolve(response.statusCode);
      });
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
