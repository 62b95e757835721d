import { setImmediate } from "node:timers";
import type { ReasonedSocket } from "./reasoned_socket.ts";
import { notificationFrame } from "../chat/present.ts";
import { jsonArray } from "./text_frame.ts";

/** What waits for one socket, at most; a reader that lets more pile up is cut off (P6). */
export const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** With more than this waiting, live pushes are left out: the reader gets what it misses from the log. */
export const SOFT_BUFFERED_BYTES = 1024 * 1024;
/** Once no more than this waits the reader is told to sync, and pushes go on. */
export const LOW_BUFFERED_BYTES = 64 * 1024;
/** A peer that takes nothing of what waits for it for so long is cut off too. */
export const MAX_STALL_MS = 10_000;
/**
 * With more than this in the socket, and with frames longer than this, the rest waits here. The socket tells
 * when it has written all it had, not how much: by the megabyte, a slow reader would look like a stalled one.
 * And what waits here is text that all readers share.
 */
const WINDOW_BYTES = 64 * 1024;

const SYNC_NEEDED = notificationFrame("sync.needed", {});

/**
 * What leaves on one socket. Everything queued in one turn of the event loop leaves as one frame: one message
 * as it is, several as a JSON-RPC batch array. Answers always leave; hints only to a reader that keeps up.
 */
export class Outbox {
  #socket: ReasonedSocket;
  #onOverflow: () => void;
  #onBehind: () => void;
  #queue: string[] = [];
  #queuedLength = 0;
  /** The queue goes on when the socket has taken what it has. While it is so, at least one frame is on its way. */
  #waiting = false;
  /** Hints were left out since the last `sync.needed`. */
  #behind = false;
  #given = 0;
  #taken = 0;
  #takenBefore = 0;
  #stalledSinceMs = 0;
  /** One function for all frames; ws calls it when a frame has gone to the kernel. */
  readonly #onTaken = () => {
    this.#taken += 1;
    if (this.#waiting) this.#handOver();
    if (this.#behind && this.backlog <= LOW_BUFFERED_BYTES) this.#catchUp();
  };

  /**
   * `onOverflow` is called for every message over the limit; the message is lost. `onBehind`: from now on hints are
   * left out.
   */
  constructor(socket: ReasonedSocket, onOverflow: () => void, onBehind: () => void = () => {}) {
    this.#socket = socket;
    this.#onOverflow = onOverflow;
    this.#onBehind = onBehind;
  }

  /** What waits to be read by the peer, near enough: here in characters, in the socket in bytes. */
  get backlog(): number {
    return this.#queuedLength + this.#socket.bufferedAmount;
  }

  push(message: string): void {
    if (this.#queuedLength > MAX_BUFFERED_BYTES) return this.#onOverflow();
    this.#queuedLength += message.length;
    if (this.#queue.push(message) === 1) setImmediate(() => this.#handOver());
  }

  /** As `push`, for what the peer can also find in the log: left out while too much waits for it. */
  hint(message: string): void {
    if (this.#behind) return;
    this.push(message);
    if (this.#queuedLength <= SOFT_BUFFERED_BYTES) return;
    this.#behind = true;
    this.#onBehind();
  }

  /** Sends a frame of its own, after everything queued. */
  pushFrame(frame: string): void {
    this.#flush();
    this.#send(frame);
  }

  /** Before the socket closes: gives what is queued, unless the peer is behind and would not get it anyway. */
  finish(): void {
    if (!this.#waiting) this.#flush();
  }

  #flush(): void {
    if (this.#queue.length > 0) this.#send(this.#take(this.#queue.length));
  }

  /** Gives the socket a frame if it has room, and goes on when it has taken that. */
  #handOver(): void {
    const room = this.#socket.bufferedAmount <= WINDOW_BYTES;
    if (room && this.#queue.length > 0) {
      this.#send(this.#take(this.#queuedLength <= WINDOW_BYTES ? this.#queue.length : this.#fitting()));
    }
    this.#waiting = this.#queue.length > 0;
  }

  /** How many of the queue make a frame of the right length. */
  #fitting(): number {
    let length = 0;
    let count = 0;
    while (length < WINDOW_BYTES && count < this.#queue.length) length += this.#queue[count++].length;
    return count;
  }

  /** So many of the queue, as one frame. */
  #take(count: number): string {
    const messages = count === this.#queue.length ? this.#queue : this.#queue.splice(0, count);
    if (messages === this.#queue) this.#queue = [];
    const frame = messages.length === 1 ? messages[0] : jsonArray(messages);
    this.#queuedLength = this.#queue.length === 0 ? 0 : this.#queuedLength - lengthOf(messages);
    return frame;
  }

  #send(frame: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) return this.#onOverflow();
    this.#given += 1;
    this.#socket.sendText(frame, this.#onTaken);
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

function lengthOf(messages: string[]): number {
  return messages.reduce((sum, { length }) => sum + length, 0);
}
