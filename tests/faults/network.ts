import { EventEmitter } from "node:events";
import type { Faults } from "./faults.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** Frames of one socket as somebody looks over the shoulder of the server's end. */
export interface Tap {
  toServer(frame: string): void;
  toClient(frame: string): void;
}

type Handler = (event: never) => void;

/**
 * One connection between a device and a server, without TCP: frames take their time, keep their order in each
 * direction, sometimes come twice, and the line may break with either end told at once, late or never.
 */
export class Line {
  readonly client: ClientEnd;
  readonly server: ServerEnd;
  #broken = false;
  /** When the last frame of each direction arrives. */
  #arrivals = { toServer: 0, toClient: 0 };

  constructor(readonly time: VirtualTime, readonly faults: Faults, readonly tap: Tap) {
    this.client = new ClientEnd(this);
    this.server = new ServerEnd(this);
  }

  /** Brings something to the other end, unless the line breaks before. */
  carry(to: "toServer" | "toClient", arrive: () => void): void {
    const at = Math.max(this.#arrivals[to], this.time.nowMs + this.faults.frameDelayMs());
    this.#arrivals[to] = at;
    this.time.after(at - this.time.nowMs, () => {
      if (!this.#broken) arrive();
    });
  }

  /** Nothing passes any more; the ends learn of it after so long, or (null) not from here. */
  cut(clientMs: number | null, serverMs: number | null): void {
    if (this.#broken) return;
    this.#broken = true;
    if (clientMs !== null) this.time.after(clientMs, () => this.client.closed(1006, ""));
    if (serverMs !== null) this.time.after(serverMs, () => this.server.closed());
  }
}

/** What the SDK uses of a WebSocket. */
export class ClientEnd {
  readonly #handlers = new Map<string, Handler[]>();
  #closed = false;

  constructor(private readonly line: Line) {}

  addEventListener(type: string, handler: Handler): void {
    this.#handlers.set(type, [...this.#handlers.get(type) ?? [], handler]);
  }

  send(text: string): void {
    if (this.#closed) return;
    for (let copies = this.line.faults.copies(); copies > 0; copies--) {
      this.line.carry("toServer", () => this.line.server.received(text));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.line.carry("toServer", () => this.line.server.closed());
  }

  opened(): void {
    this.#tell("open", {});
  }

  received(data: string): void {
    if (!this.#closed) this.#tell("message", { data });
  }

  closed(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tell("close", { code, reason });
  }

  #tell(type: string, event: unknown): void {
    for (const handler of this.#handlers.get(type) ?? []) handler(event as never);
  }
}

/** What gateway/ws.ts uses of a socket of the package `ws`. */
export class ServerEnd extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;

  constructor(private readonly line: Line) {
    super();
  }

  sendText(frame: string, taken: () => void): void {
    if (this.readyState !== this.OPEN) return;
    taken();
    this.line.tap.toClient(frame);
    for (let copies = this.line.faults.copies(); copies > 0; copies--) {
      this.line.carry("toClient", () => this.line.client.received(frame));
    }
  }

  close(code: number, reason: string): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = 2;
    this.line.carry("toClient", () => {
      this.line.client.closed(code, reason);
      this.line.carry("toServer", () => this.closed());
    });
  }

  terminate(): void {
    this.line.cut(this.line.faults.frameDelayMs(), null);
    this.closed();
  }

  ping(): void {
    this.line.carry("toClient", () => this.line.carry("toServer", () => this.emit("pong")));
  }

  received(text: string): void {
    if (this.readyState !== this.OPEN) return;
    this.line.tap.toServer(text);
    this.emit("message", text, false);
  }

  closed(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.emit("close");
  }
}
