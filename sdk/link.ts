import { ImError } from "../wire/errors.ts";
import type { Notifications } from "../wire/notifications.ts";
import { RpcLine } from "./rpc_line.ts";
import { type CloseReason, readCloseReason, type SocketLike } from "./socket.ts";

export interface LinkEvents {
  onReady(ready: Notifications["session.ready"]): void;
  onNotification(name: string, params: unknown): void;
  /** Once, whatever the cause. `ready` says whether the server had let this client in. */
  onEnd(reason: CloseReason & { ready: boolean }): void;
}

/** A server that has not said `session.ready` by then is treated as one that did not answer. */
const READY_TIMEOUT_MS = 10_000;

/** One socket from its opening to its end. */
export class Link {
  readonly rpc: RpcLine;
  /** When the server was last heard, in `performance.now()` milliseconds. */
  heardAt = performance.now();
  #ready = false;
  #over = false;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(private readonly socket: SocketLike, private readonly events: LinkEvents) {
    this.rpc = new RpcLine((text) => socket.send(text), (name, params) => this.#notify(name, params));
    this.#timer = setTimeout(() => this.drop(), READY_TIMEOUT_MS);
    socket.addEventListener("message", ({ data }) => {
      this.heardAt = performance.now();
      if (!this.#over && typeof data === "string") this.rpc.receive(data);
    });
    // An error is always followed by a close, which says more; without a listener Node would throw it.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", ({ code, reason }) => this.#end(readCloseReason(code, reason)));
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Ends it now: on a dead line the closing handshake would take minutes. */
  drop(): void {
    this.#end({});
    this.socket.close(1000);
  }

  #notify(name: string, params: unknown): void {
    if (this.#over) return;
    if (name === "session.ready") {
      this.#ready = true;
      clearTimeout(this.#timer);
      this.events.onReady(params as Notifications["session.ready"]);
      this.rpc.open();
    }
    this.events.onNotification(name, params);
  }

  #end(reason: CloseReason): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.rpc.end(new ImError("unavailable", "The connection was lost"));
    this.events.onEnd({ ...reason, ready: this.#ready });
  }
}
