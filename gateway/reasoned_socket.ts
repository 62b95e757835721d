import { WebSocket } from "ws";
import { CLOSE_CODES } from "../wire/close_codes.ts";
import { textFrame } from "./text_frame.ts";

/** The part of ws that writes frames which are whole already; engine.io uses it in the same way. */
interface FrameSender {
  sendFrame(frame: readonly Uint8Array[], done?: (error?: Error) => void): void;
}

/**
 * ws ends a connection by itself when the peer breaks the protocol, and gives no reason. This one gives the reason
 * that wire/close_codes.ts promises with every code of ours. And it sends texts as frames that sockets share.
 */
export class ReasonedSocket extends WebSocket {
  override close(number?: number, reason: Parameters<WebSocket["close"]>[1] = reasonOf(number)): void {
    super.close(number, reason);
  }

  /** Sends a text, which must not wait behind a frame that is not finished: nobody here sends in fragments. */
  sendText(text: string, done: (error?: Error) => void): void {
    if (this.readyState !== WebSocket.OPEN) return super.send(text, done);
    (this as unknown as { _sender: FrameSender })._sender.sendFrame([textFrame(text)], done);
  }
}

function reasonOf(number: number | undefined): string | undefined {
  const found = Object.entries(CLOSE_CODES).find(([, spec]) => spec.number === number);
  return found && JSON.stringify({ code: found[0] });
}
