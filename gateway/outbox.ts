import { setImmediate } from "node:timers";
import type { WebSocket } from "ws";
import { notificationFrame } from "../chat/present.ts";

/** What waits in the kernel and in ws for one socket, at most; a reader slower than that is cut off (P6). */
export const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** With more than this waiting, live pushes are left out: the reader gets what it misses from the log. */
export const SOFT_BUFFERED_BYTES = 1024 * 1024;
/** Once no more than this waits the reader is told to sync, and pushes go on. */
export const LOW_BUFFERED_BYTES = 64 * 1024;
/** A peer that takes nothing of what waits for it for so long is cut off too. */
export const MAX_STALL_MS = 10_000;

const SYNC_NEEDED = notificationFrame("sync.needed", {});

/**
 * What leaves on one socket. Everything queued in one turn of the event loop leaves as one frame: one message
 * as it is, several as a JSON-RPC batch array. Answers always leave; hints only to a reader that keeps up.
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
  /** Hints were left out since the last `sync.needed`. While it is so, at least one frame waits to be taken. */
  #behind = false;
  /** One function for all frames; ws calls it when a frame has gone to the kernel. */
  readonly #onTaken = () => {
    this.#taken += 1;
    if (this.#behind && this.backlog <= LOW_BUFFERED_BYTES) this.#catchUp();
  };

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

  /** As `push`, for what the peer can also find in the log: left out while too much waits for it. */
  hint(message: string): void {
    if (this.#behind) return;
    this.push(message);
    // More than the limit in one turn would wait here, before the socket can say so.
    if (this.#queuedLength > SOFT_BUFFERED_BYTES) this.#behind = true;
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
    // Looked at once a frame and not once a push. Its own callback comes later, so none is missed.
    if (this.#socket.bufferedAmount > SOFT_BUFFERED_BYTES) this.#behind = true;
  }

  #catchUp(): void {
    this.#behind = false;
    this.push(SYNC_NEEDED);
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
