import type { CloseCode } from "../wire/close_codes.ts";
import type { NotificationName } from "../wire/notifications.ts";

/** One connection, as those see it who tell it something. Neither method may throw or wait. */
export interface Listener {
  readonly userId: number;
  readonly sessionId: number;
  /** As in Caller. */
  readonly scopes?: readonly string[];
  /**
   * Queues one frame of JSON text, the notification `name`; the same string goes to every listener, who leaves out
   * what its scopes are not for. It is a hint: a listener that is behind leaves it out too, and tells its client to
   * sync later.
   */
  push(frame: string, name: NotificationName): void;
  /** Ends the connection. */
  end(code: CloseCode): void;
}
