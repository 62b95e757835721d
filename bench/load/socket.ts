/** What a load says and hears: text frames of RFC 6455 on a raw TCP connection, with nothing in between that costs. */

const encoder = new TextEncoder();
const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

export interface OpenOptions {
  /** `http://host:port`. */
  url: string;
  accessToken: string;
  /** What it begins with; it grows when a frame needs more. */
  bufferBytes?: number;
}

/** How the server closed it; 1006 when the connection just went. */
export interface Closed {
  code: number;
  reason: string;
}

/**
 * One WebSocket. Its frames are masked with a key of zeros, which RFC 6455 allows and costs nothing. What is sent
 * while a write is under way leaves with the next one.
 */
export class LoadSocket {
  readonly closed: Promise<Closed>;
  #resolveClosed!: (how: Closed) => void;
  #waiting: Uint8Array[] = [];
  #writing = false;

  private constructor(
    private readonly conn: Deno.TcpConn,
    /** Each text frame; the bytes are only good until it returns. */
    public onText: (payload: Uint8Array) => void,
  ) {
    this.closed = new Promise((resolve) => this.#resolveClosed = resolve);
  }

  /** Resolves when the server has switched protocols. Throws with the status line when it did not. */
  static async open(
    { url, accessToken, bufferBytes = 16 * 1024 }: OpenOptions,
    onText: (payload: Uint8Array) => void,
  ): Promise<LoadSocket> {
    const { hostname, port, host } = new URL(url);
    const conn = await Deno.connect({ hostname, port: Number(port) });
    conn.setNoDelay(true);
    await writeAll(
      conn,
      encoder.encode(
        `GET /api/v1/ws HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n` +
          `Sec-WebSocket-Protocol: imserver.v1\r\nAuthorization: Bearer ${accessToken}\r\n\r\n`,
      ),
    );
    const buffer = new Uint8Array(bufferBytes);
    let end = 0;
    for (;;) {
      const got = await conn.read(buffer.subarray(end));
      if (got === null) throw new Error("closed before the upgrade was answered");
      end += got;
      const head = new TextDecoder().decode(buffer.subarray(0, end));
      const length = head.indexOf("\r\n\r\n") + 4;
      if (length < 4) continue;
      if (!head.startsWith("HTTP/1.1 101")) {
        conn.close();
        throw new Error(head.split("\r\n")[0]);
      }
      const socket = new LoadSocket(conn, onText);
      void socket.#read(buffer, length, end);
      return socket;
    }
  }

  /** Sends one text frame. */
  send(text: string): void {
    const frame = frameOf(encoder.encode(text), OPCODE.text);
    this.#waiting.push(frame);
    if (!this.#writing) void this.#write();
  }

  /** Without a close frame, as a machine that is gone. */
  cut(): void {
    try {
      this.conn.close();
    } catch {
      // It is closed.
    }
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#waiting.length > 0) {
        const frames = this.#waiting;
        this.#waiting = [];
        await writeAll(this.conn, frames.length === 1 ? frames[0] : joined(frames));
      }
    } catch {
      // The reader tells that it has gone.
    }
    this.#writing = false;
  }

  async #read(buffer: Uint8Array, start: number, end: number): Promise<void> {
    let how: Closed = { code: 1006, reason: "" };
    try {
      for (;;) {
        for (;;) {
          const frame = parse(buffer, start, end);
          if (!frame) break;
          start = frame.end;
          const payload = buffer.subarray(frame.start, frame.end);
          if (frame.opcode === OPCODE.text) this.onText(payload);
          else if (frame.opcode === OPCODE.ping) {
            this.#waiting.push(frameOf(payload.slice(), OPCODE.pong));
            if (!this.#writing) void this.#write();
          } else if (frame.opcode === OPCODE.close) {
            const code = payload.length < 2 ? 1005 : payload[0] << 8 | payload[1];
            how = { code, reason: new TextDecoder().decode(payload.subarray(2)) };
          }
        }
        if (start === end) start = end = 0;
        else if (end === buffer.length) {
          const whole = start > 0 ? buffer : new Uint8Array(buffer.length * 2);
          whole.set(buffer.subarray(start, end));
          [buffer, end, start] = [whole, end - start, 0];
        }
        const got = await this.conn.read(buffer.subarray(end));
        if (got === null) break;
        end += got;
      }
    } catch {
      // Reset, or cut by us.
    }
    this.cut();
    this.#resolveClosed(how);
  }
}

/** Where the payload of the first whole frame lies; null while it is not whole. */
function parse(buffer: Uint8Array, from: number, to: number) {
  if (to - from < 2) return null;
  const opcode = buffer[from] & 15;
  let length = buffer[from + 1] & 127;
  let start = from + 2;
  if (length === 126) {
    if (to - from < 4) return null;
    length = buffer[from + 2] << 8 | buffer[from + 3];
    start += 2;
  } else if (length === 127) {
    if (to - from < 10) return null;
    length = new DataView(buffer.buffer, buffer.byteOffset + from + 6).getUint32(0);
    start += 8;
  }
  return start + length <= to ? { opcode, start, end: start + length } : null;
}

function frameOf(payload: Uint8Array, opcode: number): Uint8Array {
  const { length } = payload;
  const head = length < 126 ? 6 : length < 65_536 ? 8 : 14;
  const frame = new Uint8Array(head + length);
  frame[0] = 128 | opcode;
  if (length < 126) frame[1] = 128 | length;
  else if (length < 65_536) frame.set([128 | 126, length >> 8, length & 255], 1);
  else {
    frame[1] = 128 | 127;
    new DataView(frame.buffer).setUint32(6, length);
  }
  frame.set(payload, head);
  return frame;
}

function joined(frames: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
