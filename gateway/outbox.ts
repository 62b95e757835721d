import { setImmediate } from "node:timers";
import type { WebSocket } from "ws";

/** What waits in the kernel and in ws for one socket, at most; a reader slower than that is cut off (P6). */
export const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** A peer that takes nothing of what waits for it for so long is cut off too. */
export const MAX_STALL_MS = 10_000;

/**
 * What leaves on one socket. Everything queued in one turn of the event loop leaves as one frame: one message
 * as it is, several as a JSON-RPC batch array.
 */
export class Outbox {
  #socket: WebSocket;
  #onOverflow: () => void;
  #queue: string[] = [];
  #queuedLength = 0;
  #given = 0;
  #taken = 0;
  #takenBefore = 0;
  #stalledSinceMs = 0;
  /** One function for all frames; ws calls it when a frame has gone to the kernel. */
  readonly #onTaken = () => void this.#taken++;

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
    this.#given += 1;
    this.#socket.send(frame, this.#onTaken);
  }

  /** For how long the peer has taken no frame though some wait. Counts from call to call: ask every few seconds. */
  stalledMs(nowMs: number): number {
    if (this.#taken === this.#given || this.#taken !== this.#takenBefore) {
      this.#takenBefore = this.#taken;
      this.#stalledSinceMs = nowMs;
    }
    return nowMs - this.#stalledSinceMs;
  }
}
