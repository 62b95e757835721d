import { type CertificateFiles, makeCertificateFiles } from "./certificate_files.ts";
import { EDGE, Nginx } from "./nginx.ts";
import { frame, Line, OPCODE } from "./raw.ts";
import { TlsClient } from "./tls_client.ts";

/** A gateway in the place of a real one, which shows what nginx asks of it. */
export class Upstream {
  readonly asked: { method: string; path: string; headers: Headers; body: string }[] = [];
  /** Else 200. `break`: the connection is cut without an answer. */
  answer: number | "break" = 200;
  #server: Deno.TcpListener;
  #closed = false;
  readonly port: number;

  constructor() {
    this.#server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#server.addr.port;
    this.#serve();
  }

  /** By hand on TCP, because no server library breaks a connection on demand. */
  async #serve(): Promise<void> {
    for await (const connection of this.#server) this.#talk(connection).catch(() => connection.close());
  }

  async #talk(connection: Deno.TcpConn): Promise<void> {
    const line = Line.over(connection);
    for (let head = await line.readHead(); head !== null; head = await line.readHead()) {
      const [first, ...fields] = head.trimEnd().split("\r\n");
      const [method, path] = first.split(" ");
      const headers = new Headers(fields.map((field): [string, string] => {
        const at = field.indexOf(":");
        return [field.slice(0, at), field.slice(at + 1).trim()];
      }));
      const body = new TextDecoder().decode(
        await line.read(Number(headers.get("content-length") ?? 0)) ?? undefined,
      );
      this.asked.push({ method, path, headers, body });
      if (this.answer === "break") break;
      if (this.answer === 200 && headers.get("upgrade") === "websocket") {
        await line.write(await upgradeAnswer(headers));
        // Every frame that comes is answered by one that says so; nothing goes out by itself.
        while (await line.read(1)) {
          const [length] = await line.read(1) ?? [0];
          if (!await line.read((length & 0x7f) + 4)) break;
          await line.write(frame("echo", { opcode: OPCODE.text, masked: false }));
        }
        break;
      }
      await line.write(
        `HTTP/1.1 ${this.answer} X\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok`,
      );
    }
    connection.close();
  }

  /** Nothing listens there any more; a second time does nothing. */
  close(): void {
    if (!this.#closed) this.#server.close();
    this.#closed = true;
  }
}

async function upgradeAnswer(headers: Headers): Promise<string> {
  const text = headers.get("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const accept = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text)))
    .toBase64();
  return "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n" +
    `sec-websocket-protocol: imserver.v1\r\nsec-websocket-accept: ${accept}\r\n\r\n`;
}

/** nginx as it is shipped before two such gateways. */
export class NginxStage implements AsyncDisposable {
  #clients: TlsClient[] = [];
  #addresses = 0;

  private constructor(
    readonly folder: string,
    readonly files: CertificateFiles,
    readonly ca: string,
    readonly nginx: Nginx,
    readonly upstreams: Upstream[],
  ) {}

  static async open(site: Record<string, string> = {}): Promise<NginxStage> {
    const folder = await Deno.makeTempDir({ prefix: "imserver-nginx-" });
    const files = await makeCertificateFiles(folder);
    const upstreams = [new Upstream(), new Upstream()];
    const nginx = await Nginx.start({
      folder: `${folder}/nginx`,
      gateways: upstreams.map(({ port }) => port),
      cert: files.cert,
      key: files.key,
      site: { "edge.conf": EDGE, ...site },
    });
    return new NginxStage(folder, files, await Deno.readTextFile(files.ca), nginx, upstreams);
  }

  /** A client with an address that nobody else has, so that no test meets the limits of another. */
  client(address = `198.51.100.${++this.#addresses}`): TlsClient {
    const client = new TlsClient(this.nginx.url, this.ca, { "x-test-client": address });
    this.#clients.push(client);
    return client;
  }

  /** All that the gateways were asked since, and forgets it. */
  taken() {
    return this.upstreams.flatMap(({ asked }) => asked.splice(0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client[Symbol.dispose]();
    await this.nginx.stop();
    for (const upstream of this.upstreams) upstream.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}
