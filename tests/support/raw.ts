/** HTTP and WebSocket written by hand on TCP, for what no well-behaved client would send. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One TCP connection that is read in pieces of a wanted size. */
export class Line {
  #buffer = new Uint8Array();
  private constructor(readonly connection: Deno.TcpConn | Deno.TlsConn) {}

  static async open(url: string): Promise<Line> {
    const { protocol, hostname, port } = new URL(url);
    const address = { hostname, port: Number(port) };
    return new Line(await (protocol === "https:" ? Deno.connectTls(address) : Deno.connect(address)));
  }

  /** On a connection that somebody else has opened. */
  static over(connection: Deno.TcpConn): Line {
    return new Line(connection);
  }

  /** Whether all of it was taken; not, when the other side has closed. */
  async write(data: string | Uint8Array): Promise<boolean> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    try {
      for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
      return true;
    } catch {
      return false;
    }
  }

  /** Exactly so many bytes, or null when the other side closed before. */
  async read(count: number): Promise<Uint8Array | null> {
    while (this.#buffer.length < count) if (!await this.#fill()) return null;
    return this.#take(count);
  }

  /** Up to and with the blank line that ends a header; null when the other side closed before. */
  async readHead(): Promise<string | null> {
    for (;;) {
      const end = decoder.decode(this.#buffer).indexOf("\r\n\r\n");
      if (end >= 0) return decoder.decode(this.#take(end + 4));
      if (!await this.#fill()) return null;
    }
  }

  /** Everything until the other side closes. */
  async readRest(): Promise<Uint8Array> {
    while (await this.#fill());
    return this.#take(this.#buffer.length);
  }

  [Symbol.dispose](): void {
    try {
      this.connection.close();
    } catch {
      // It is closed already.
    }
  }

  async #fill(): Promise<boolean> {
    const chunk = new Uint8Array(64 * 1024);
    const count = await this.connection.read(chunk).catch(() => null);
    if (count === null) return false;
    const joined = new Uint8Array(this.#buffer.length + count);
    joined.set(this.#buffer);
    joined.set(chunk.subarray(0, count), this.#buffer.length);
    this.#buffer = joined;
    return true;
  }

  #take(count: number): Uint8Array {
    const taken = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.slice(count);
    return taken;
  }
}

export interface RawAnswer {
  status: number;
  headers: Headers;
  body: string;
}

/** Sends bytes as they are and reads one HTTP answer; null when the connection ends without one. */
export async function rawHttp(url: string, ...pieces: (string | Uint8Array)[]): Promise<RawAnswer | null> {
  using line = await Line.open(url);
  for (const piece of pieces) if (!await line.write(piece)) break;
  return await readAnswer(line);
}

export interface RawRequest {
  method?: string;
  accessToken?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** One request with the usual headers, which `headers` may replace; the path goes out as it is written. */
export async function request(url: string, path: string, options: RawRequest = {}): Promise<RawAnswer> {
  const { method = options.body === undefined ? "GET" : "POST", accessToken, body = "" } = options;
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const headers: Record<string, string> = {
    host: new URL(url).host,
    connection: "close",
    ...(accessToken && { authorization: `Bearer ${accessToken}` }),
    ...(options.body !== undefined && {
      "content-type": "application/json",
      "content-length": String(bytes.length),
    }),
    ...options.headers,
  };
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const answer = await rawHttp(url, `${method} ${path} HTTP/1.1\r\n${fields.join("")}\r\n`, bytes);
  if (answer === null) throw new Error(`no answer to ${method} ${path}`);
  return answer;
}

export async function readAnswer(line: Line): Promise<RawAnswer | null> {
  const head = await line.readHead();
  if (head === null) return null;
  const [first, ...fields] = head.trimEnd().split("\r\n");
  const headers = new Headers();
  for (const field of fields) {
    const at = field.indexOf(":");
    headers.append(field.slice(0, at), field.slice(at + 1).trim());
  }
  const body = decoder.decode(await readBody(line, headers));
  return { status: Number(first.split(" ")[1]), headers, body };
}

async function readBody(line: Line, headers: Headers): Promise<Uint8Array> {
  const length = headers.get("content-length");
  if (length !== null) return await line.read(Number(length)) ?? new Uint8Array();
  // Whoever sends no length closes after the answer: all requests here ask for that.
  return await line.readRest();
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameOptions {
  opcode?: number;
  /** Default true: the last or only frame of a message. */
  fin?: boolean;
  /** Default true, as clients must. */
  masked?: boolean;
  /** The three reserved bits, 0 to 7. */
  reserved?: number;
}

/** One WebSocket frame (RFC 6455, section 5.2). */
export function frame(payload: string | Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { opcode = OPCODE.text, fin = true, masked = true, reserved = 0 } = options;
  const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
  const { length } = bytes;
  const wide = length > 65535 ? 8 : length > 125 ? 2 : 0;
  const head = new Uint8Array(2 + wide + (masked ? 4 : 0));
  const view = new DataView(head.buffer);
  head[0] = (fin ? 0x80 : 0) | reserved << 4 | opcode;
  head[1] = (masked ? 0x80 : 0) | (wide === 8 ? 127 : wide === 2 ? 126 : length);
  if (wide === 8) view.setBigUint64(2, BigInt(length));
  if (wide === 2) view.setUint16(2, length);
  const mask = masked ? crypto.getRandomValues(head.subarray(2 + wide)) : null;
  const whole = new Uint8Array(head.length + length);
  whole.set(head);
  for (let i = 0; i < length; i++) whole[head.length + i] = bytes[i] ^ (mask ? mask[i & 3] : 0);
  return whole;
}

/** A WebSocket whose frames are written by hand. */
export class RawSocket {
  private constructor(readonly line: Line) {}

  static async open(url: string, accessToken: string): Promise<RawSocket> {
    return await RawSocket.upgrade(url, { authorization: `Bearer ${accessToken}` });
  }

  /** With headers of one's own to say who calls. */
  static async upgrade(url: string, headers: Record<string, string>): Promise<RawSocket> {
    const line = await Line.open(url);
    await line.write(upgradeRequest(url, headers));
    const head = await line.readHead();
    if (!head?.startsWith("HTTP/1.1 101 ")) throw new Error(`no upgrade: ${head}`);
    return new RawSocket(line);
  }

  async send(payload: string | Uint8Array, options?: FrameOptions): Promise<boolean> {
    return await this.line.write(frame(payload, options));
  }

  /** The next frame, or null when the connection has ended. */
  async receive(): Promise<{ opcode: number; payload: Uint8Array } | null> {
    const head = await this.line.read(2);
    if (!head) return null;
    let length = head[1] & 0x7f;
    if (length >= 126) {
      const more = await this.line.read(length === 126 ? 2 : 8);
      if (!more) return null;
      length = Number(more.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n));
    }
    const payload = await this.line.read(length);
    return payload && { opcode: head[0] & 0x0f, payload };
  }

  /** Reads on to the close frame and answers its code and reason; null without one. */
  async untilClose(): Promise<{ code: number; reason: string } | null> {
    for (let next = await this.receive(); next; next = await this.receive()) {
      if (next.opcode !== OPCODE.close) continue;
      const { payload } = next;
      return { code: payload[0] << 8 | payload[1], reason: decoder.decode(payload.subarray(2)) };
    }
    return null;
  }

  [Symbol.dispose](): void {
    this.line[Symbol.dispose]();
  }
}

/** The text of an upgrade request with these headers beside the usual ones. */
export function upgradeRequest(
  url: string,
  headers: Record<string, string> = {},
  path = "/api/v1/ws",
): string {
  const usual = {
    host: new URL(url).host,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": btoa("0123456789abcdef"),
    "sec-websocket-protocol": "imserver.v1",
  };
  const fields = Object.entries({ ...usual, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${fields.join("")}\r\n`;
}
