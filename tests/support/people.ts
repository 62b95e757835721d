import { WebSocket } from "ws";
import type { Input, Operation, OperationName, Output } from "../../wire/operations.ts";
import { operations } from "../../wire/operations.ts";
import { ERRORS, ImError, isErrorCode } from "../../wire/errors.ts";

/** Raw clients for tests: they speak the protocol by hand, so that the SDK's cleverness hides nothing. */

export interface Person {
  id: string;
  username: string;
  accessToken: string;
  refreshToken: string;
}

let names = 0;

/** A name that no other call has made. */
export function freshName(prefix = "user"): string {
  return `${prefix}${Date.now().toString(36)}${names++}`;
}

export async function register(url: string, username = freshName()): Promise<Person> {
  const login = await rest(url, "auth.register", { username, password: "correct horse battery" });
  const { user, accessToken, refreshToken } = login;
  return { id: user.id, username: user.username, accessToken: accessToken!, refreshToken: refreshToken! };
}

/** One operation over REST. Throws ImError with the problem's code. */
export async function rest<N extends OperationName>(
  url: string,
  name: N,
  input: Input<N>,
  accessToken?: string,
): Promise<Output<N>> {
  const operation: Operation = operations[name];
  const { path, body: sent } = routeOf(operation, input);
  const response = await fetch(`${url}/api/v1${path}`, {
    method: operation.method,
    headers: {
      ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
      ...(sent === undefined ? {} : { "content-type": "application/json" }),
    },
    body: sent,
  });
  if (response.ok && operation.stream?.answer) return await response.bytes() as Output<N>;
  const body = await response.json();
  if (response.ok) return operations[name].output.parse(body) as Output<N>;
  if (!isErrorCode(body.code)) {
    throw new Error(`HTTP ${response.status} without a code: ${JSON.stringify(body)}`);
  }
  if (response.status !== ERRORS[body.code as keyof typeof ERRORS].status) {
    throw new Error("status and code differ");
  }
  throw new ImError(body.code, body.detail);
}

/** Where the fields of an input go: into the path, and the others into the query or the body. */
export function routeOf(
  { method, path, stream }: Operation,
  input: Record<string, unknown>,
): { path: string; body?: string } {
  const fields = { ...input };
  const route = path.replaceAll(/\{(\w+)\}/g, (_, field) => {
    const value = fields[field];
    delete fields[field];
    return encodeURIComponent(String(value));
  });
  if (method !== "GET" && method !== "DELETE" && !stream?.body) {
    return { path: route, body: JSON.stringify(fields) };
  }
  const query = new URLSearchParams(
    Object.entries(fields).flatMap(([key, value]) => [value].flat().map((one) => [key, String(one)])),
  );
  return { path: query.size > 0 ? `${route}?${query}` : route };
}

interface RpcMessage {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: { code: number; message: string; data: { code: string } };
}

/** One WebSocket that keeps everything it hears. */
export class Wire {
  readonly socket: WebSocket;
  readonly notifications: { method: string; params: Record<string, unknown> }[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  onNotification: (method: string, params: Record<string, unknown>) => void = () => {};
  /** Answers to requests that this class did not make (ids null or strings). */
  readonly strays: RpcMessage[] = [];
  #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #changed = Promise.withResolvers<void>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", (code: number, reason: Uint8Array) => {
        for (const { reject } of this.#waiting.values()) reject(new Error("socket closed"));
        this.#waiting.clear();
        this.#signal();
        resolve({ code, reason: new TextDecoder().decode(reason) });
      });
    });
    socket.on("error", () => {});
    socket.on("message", (data: { toString(): string }) => {
      const parsed = JSON.parse(data.toString());
      for (const message of Array.isArray(parsed) ? parsed : [parsed]) this.#take(message);
    });
  }

  static async open(url: string, accessToken: string): Promise<Wire> {
    const wire = await Wire.tryOpen(url, accessToken);
    if (wire instanceof Wire) return wire;
    throw new Error(`closed with ${wire.code} ${wire.reason}`);
  }

  /** Ready to use; or how the server closed it instead. */
  static async tryOpen(url: string, accessToken: string): Promise<Wire | { code: number; reason: string }> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/ws`, ["imserver.v1"], {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    const opened = new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    const wire = Wire.over(socket);
    await opened;
    return await wire.#ready();
  }

  /** On a socket that somebody else opens. */
  static over(socket: WebSocket): Wire {
    return new Wire(socket);
  }

  async #ready(): Promise<Wire | { code: number; reason: string }> {
    let end: { code: number; reason: string } | undefined;
    this.closed.then((how) => end = how);
    const ready = () => this.notifications.some(({ method }) => method === "session.ready");
    await this.until(() => ready() || end !== undefined);
    return end ?? this;
  }

  call<N extends OperationName>(method: N, params: Input<N>): Promise<Output<N>> {
    return this.raw(method, params) as Promise<Output<N>>;
  }

  raw(method: string, params: unknown): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  /** Waits until the condition holds, looked at after everything heard. */
  async until(condition: () => boolean, timeoutMs = 20_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!condition()) {
      const left = end - Date.now();
      if (left <= 0) throw new Error("waited in vain");
      let timer = 0 as unknown as ReturnType<typeof setTimeout>;
      const tick = new Promise<void>((resolve) => timer = setTimeout(resolve, Math.min(left, 500)));
      await Promise.race([this.#changed.promise, tick]);
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #take(message: RpcMessage): void {
    if (message.method) {
      const params = message.params ?? {};
      this.notifications.push({ method: message.method, params });
      this.onNotification(message.method, params);
    } else {
      const call = typeof message.id === "number" ? this.#waiting.get(message.id) : undefined;
      if (!call) this.strays.push(message);
      else {
        this.#waiting.delete(message.id!);
        const code = message.error?.data.code;
        if (message.error) {
          call.reject(isErrorCode(code) ? new ImError(code, message.error.message) : new Error(code));
        } else call.resolve(message.result);
      }
    }
    this.#signal();
  }

  #signal(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** The entries of all `log.append` heard on a conversation, as they came. */
export function heard(wire: Wire, conversationId: string): { seq: number; content: { text?: string } }[] {
  return wire.notifications.filter(({ method, params }) =>
    method === "log.append" && params.conversationId === conversationId
  ).flatMap(({ params }) => params.entries as { seq: number; content: { text?: string } }[]);
}

/** Rejects with an ImError of this code. */
export function hasCode(code: string): (error: unknown) => boolean {
  return (error) => {
    if (error instanceof ImError && error.code === code) return true;
    throw new Error(`expected ${code}, got ${error instanceof ImError ? error.code : error}`);
  };
}
