import { setImmediate } from "node:timers";
import type { WebSocket } from "ws";

/** What waits in the kernel and in ws for one socket, at most; a reader slower than that is cut off (P6). */
export const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/**
 * What leaves on one socket. Everything queued in one turn of the event loop leaves as one frame: one message
 * as it is, several as a JSON-RPC batch array.
 */
export class Outbox {
  #socket: WebSocket;
  #onOverflow: () => void;
  #queue: string[] = [];
  #queuedLength = 0;

  constructor(socket: WebSocket, onOverflow: () => void) {
    this.#socket = socket;
    this.#onOverflow = onOverflow;
  }

  /** What waits to be read by the peer, near enough: here in characters, in the socket in bytes. */
  get backlog(): number {
    return this.#queuedLength + this.#socket.bufferedAmount;
  }

  push(message: string): void {
    this.#queuedLength += message.length;
    if (this.#queue.push(message) === 1) setImmediate(() => this.flush());
  }

  /** Sends a frame of its own, after everything queued. */
  pushFrame(frame: string): void {
    this.flush();
    this.#send(frame);
  }

  flush(): void {
    const queue = this.#queue;
    if (queue.length === 0) return;
    this.#queue = [];
    this.#queuedLength = 0;
    this.#send(queue.length === 1 ? queue[0] : `[${queue.join(",")}]`);
  }

  #send(frame: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) return this.#onOverflow();
    this.#socket.send(frame);
  }
}
