import { ImError, isErrorCode } from "../../../wire/errors.ts";
import { SUBPROTOCOL, WS_PATH } from "../../../wire/mod.ts";

const RECONNECT_MS = 500;
const OPEN_WITHIN_MS = 15_000;

interface Call {
  text: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: { message: string; data?: { code?: string } };
}

/**
 * One client's WebSocket, by hand: what it costs is the server's and not the SDK's. When it is cut it connects again,
 * and asks again what has no answer, which is the same send by its client id.
 */
export class Line {
  onNotification: (method: string, params: Record<string, unknown>) => void = () => {};
  /** How often it was connected anew. */
  reconnects = 0;
  #socket: WebSocket | undefined;
  #calls = new Map<number, Call>();
  #nextId = 1;
  #isReady = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #opened = Promise.withResolvers<void>();

  constructor(private readonly url: string, private readonly token: string) {
    this.#connect();
  }

  /** Connected for the first time. */
  async opened(): Promise<void> {
    const late = setTimeout(() => this.#opened.reject(new Error("no WebSocket within 15 s")), OPEN_WITHIN_MS);
    await this.#opened.promise.finally(() => clearTimeout(late));
  }

  call(method: string, params: Record<string, unknown>): Promise<unknown> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const text = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    this.#calls.set(id, { text, resolve, reject });
    if (this.#isReady) this.#socket!.send(text);
    return promise;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    for (const { reject } of this.#calls.values()) reject(new Error("closed"));
    this.#calls.clear();
  }

  #connect(): void {
    const url = this.url.replace(/^http/, "ws") + WS_PATH;
    const options = { protocols: [SUBPROTOCOL], headers: { authorization: `Bearer ${this.token}` } };
    // The type that TypeScript knows is the browser's, which can send no headers.
    const socket = new WebSocket(url, options as unknown as string[]);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const parsed = JSON.parse(String(data));
      for (const message of Array.isArray(parsed) ? parsed : [parsed]) this.#take(message);
    };
    socket.onerror = () => {};
    socket.onclose = () => {
      this.#isReady = false;
      if (this.#closed) return;
      this.reconnects++;
      this.#timer = setTimeout(() => this.#connect(), RECONNECT_MS * (0.5 + Math.random()));
    };
  }

  #take({ id, method, params = {}, result, error }: Message): void {
    if (method === "session.ready") {
      this.#isReady = true;
      this.#opened.resolve();
      for (const { text } of this.#calls.values()) this.#socket!.send(text);
    }
    if (method) return this.onNotification(method, params);
    const call = this.#calls.get(id!);
    this.#calls.delete(id!);
    if (!error) return call?.resolve(result);
    const code = error.data?.code;
    call?.reject(isErrorCode(code) ? new ImError(code, error.message) : new Error(error.message));
  }
}
