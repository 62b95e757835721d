import { WebSocket } from "ws";
import { CLOSE_CODES } from "../wire/close_codes.ts";

/**
 * ws ends a connection by itself when the peer breaks the protocol, and gives no reason. This one gives the reason
 * that wire/close_codes.ts promises with every code of ours.
 */
export class ReasonedSocket extends WebSocket {
  override close(number?: number, reason: Parameters<WebSocket["close"]>[1] = reasonOf(number)): void {
    super.close(number, reason);
  }
}

function reasonOf(number: number | undefined): string | undefined {
  const found = Object.entries(CLOSE_CODES).find(([, spec]) => spec.number === number);
  return found && JSON.stringify({ code: found[0] });
}
