import { join } from "node:path";
import { type Child, freePort, programOf, runToEnd, spawn, until } from "./processes.ts";
import { ROOT } from "./server.ts";

export interface NginxOptions {
  folder: string;
  /** Ports of gateways on this machine. */
  gateways: readonly number[];
  cert: string;
  key: string;
  /** Files of nginx/site/ instead of those that are shipped. */
  site?: Record<string, string>;
}

/** For tests that are not about the limits. */
export const NO_LIMITS = { "unlimited.conf": "127.0.0.0/8 1;\n" };

/** As behind a load balancer on this machine that names clients in a header of its own. */
export const EDGE = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Test-Client;\n";

/** A real nginx on the configuration that is shipped; only files of nginx/site/ are its own. */
export class Nginx {
  #child: Child | null = null;
  private constructor(
    readonly folder: string,
    readonly port: number,
    readonly plainPort: number,
    /** A line of gateways.conf as it is shipped. */
    readonly server: string,
  ) {}

  static async start({ folder, gateways, cert, key, site = {} }: NginxOptions): Promise<Nginx> {
    const [port, plainPort] = [freePort(), freePort()];
    await copyFolder(join(ROOT, "nginx"), folder);
    await Deno.mkdir(join(folder, "run"), { recursive: true });
    const server =
      /^server (\S+)(.*)$/m.exec(await Deno.readTextFile(join(folder, "site/gateways.conf")))![0];
    const files: Record<string, string> = {
      "listen.conf": `listen 127.0.0.1:${port} ssl http2;\n`,
      "listen-plain.conf": `listen 127.0.0.1:${plainPort};\n`,
      "certificate.conf": `ssl_certificate ${cert};\nssl_certificate_key ${key};\n`,
      "gateways.conf": upstreams(server, gateways),
      "log.conf": `access_log ${folder}/access.log imserver;\n`,
      ...site,
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, "site", name), text);
    }
    const nginx = new Nginx(folder, port, plainPort, server);
    await nginx.run();
    return nginx;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  async run(): Promise<void> {
    try {
      this.#child = spawn(programOf("nginx"), {
        args: this.#args("daemon off;"),
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

  /** Other gateways from now on, as an operator changes them: a file, a check, a reload. */
  async useGateways(ports: readonly number[]): Promise<void> {
    await Deno.writeTextFile(join(this.folder, "site/gateways.conf"), upstreams(this.server, ports));
    await this.check();
    this.signal("SIGHUP");
  }

  #args(globals = ""): string[] {
    const user = Deno.uid() === 0 ? "user root;" : "";
    const log = `error_log ${this.folder}/error.log warn;`;
    return ["-p", this.folder, "-c", "nginx.conf", "-g", `${globals} ${log} ${user}`];
  }

  /** `nginx -t`, or `-T` with everything as it is read. Throws when it is refused. */
  async check(option: "-t" | "-T" = "-t"): Promise<string> {
    return await runToEnd(programOf("nginx"), [option, ...this.#args()]);
  }

  log(name: "error.log" | "access.log"): Promise<string> {
    return Deno.readTextFile(join(this.folder, name));
  }

  signal(signal: Deno.Signal): void {
    this.#child?.signal(signal);
  }

  /** By SIGQUIT it first lets requests end; sockets would take hours, and are cut off after `graceMs`. */
  async stop(signal: Deno.Signal = "SIGTERM", graceMs = 5_000): Promise<void> {
    const child = this.#child;
    child?.signal(signal);
    // A stopped process hears nothing but this.
    child?.signal("SIGCONT");
    const timer = setTimeout(() => child?.signal("SIGTERM"), graceMs);
    // Never SIGKILL before that: workers whose master is gone stay for as long as they have sockets.
    await child?.ended;
    clearTimeout(timer);
  }
}

const upstreams = (server: string, ports: readonly number[]) =>
  ports.map((port) => server.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`)).join("\n");

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else if (name.endsWith(".conf")) await Deno.copyFile(join(from, name), join(to, name));
  }
}
