import { join } from "node:path";
import { type Child, freePort, programOf, spawn, until } from "./processes.ts";
import { ROOT } from "./server.ts";

export interface NginxOptions {
  folder: string;
  gateways: readonly number[];
  cert: string;
  key: string;
  /** Instead of the limits that are shipped. */
  limits?: string;
}

/** So high that no test meets them. */
export const NO_LIMITS = `
limit_req_status 429;
limit_conn_status 429;
limit_req_zone $binary_remote_addr zone=requests:1m rate=100000r/s;
limit_req_zone $binary_remote_addr zone=logins:1m rate=100000r/s;
limit_req_zone $binary_remote_addr zone=connects:1m rate=100000r/s;
limit_conn_zone $binary_remote_addr zone=sockets:1m;
`;

/** A real nginx on the configuration that is shipped, with its own ports, gateways and paths. */
export class Nginx {
  #child: Child | null = null;
  private constructor(readonly folder: string, readonly port: number) {}

  static async start({ folder, gateways, cert, key, limits }: NginxOptions): Promise<Nginx> {
    const port = freePort();
    const shipped = join(ROOT, "nginx");
    const names = ["nginx.conf", "listen.conf", "gateways.conf", "limits.conf", "paths.conf"];
    for (const name of names) await Deno.copyFile(join(shipped, name), join(folder, name));
    const write = (name: string, text: string) => Deno.writeTextFile(join(folder, name), text);
    if (limits === NO_LIMITS) {
      // A burst is part of the place it is used in.
      const conf = await Deno.readTextFile(join(folder, "nginx.conf"));
      await write(
        "nginx.conf",
        conf.replaceAll(/burst=\d+/g, "burst=100000").replaceAll(
          /limit_conn sockets \d+/g,
          "limit_conn sockets 60000",
        ),
      );
    }
    if (limits) await write("limits.conf", limits);
    await write(
      "listen.conf",
      `listen 127.0.0.1:${port} ssl http2;\nssl_certificate ${cert};\nssl_certificate_key ${key};`,
    );
    const upstream = await Deno.readTextFile(join(shipped, "gateways.conf"));
    const line = (gateway: number) => `  server 127.0.0.1:${gateway} max_fails=3 fail_timeout=2s;\n`;
    const servers = gateways.map(line).join("");
    await write("gateways.conf", upstream.replace(/(^ *server .*\n)+/m, servers));
    const paths = await Deno.readTextFile(join(shipped, "paths.conf"));
    await write(
      "paths.conf",
      paths.replaceAll("/tmp/", `${folder}/`).replace("/dev/stdout", `${folder}/access.log`),
    );
    const nginx = new Nginx(folder, port);
    await nginx.run();
    return nginx;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  async run(): Promise<void> {
    const globals = `daemon off; pid ${this.folder}/nginx.pid; error_log ${this.folder}/error.log warn;` +
      (Deno.uid() === 0 ? " user root;" : "");
    try {
      this.#child = spawn(programOf("nginx"), {
        args: ["-p", this.folder, "-c", "nginx.conf", "-g", globals],
      });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new Error("nginx is missing: run `apt-get install nginx-light` as root");
    }
    const child = this.#child;
    const answers = () =>
      Deno.connect({ hostname: "127.0.0.1", port: this.port }).then(
        (socket) => (socket.close(), true),
        () => false,
      );
    await until("nginx answers", answers).catch((error) => {
      throw new Error(`${error.message}\n${child.output()}`);
    });
  }

  log(name: "error.log" | "access.log"): Promise<string> {
    return Deno.readTextFile(join(this.folder, name));
  }

  signal(signal: Deno.Signal): void {
    this.#child?.signal(signal);
  }

  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    await this.#child?.end(signal);
  }
}
