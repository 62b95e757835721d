import type { CloseCode } from "../wire/close_codes.ts";

/** One connection, as those see it who tell it something. Neither method may throw or wait. */
export interface Listener {
  readonly userId: number;
  readonly sessionId: number;
  /**
   * Queues one frame of JSON text; the same string goes to every listener. It is a hint: a listener that is
   * behind leaves it out, and tells its client to sync later.
   */
  push(frame: string): void;
  /** Ends the connection. */
  end(code: CloseCode): void;
}
