import assert from "node:assert/strict";
import { join } from "node:path";
import { STOP_DEADLINE_MS } from "../../modes/run.ts";
import { runToEnd } from "../support/processes.ts";
import { ROOT, runProgram, tempFolder } from "../support/server.ts";

/** deploy/systemd, by systemd's own judge, and its command lines by the program. Nothing here runs under systemd. */

const FOLDER = join(ROOT, "deploy/systemd");
/** Each unit, as it would be started, with what its environment file must say at least. */
const UNITS: { file: string; name: string; env: Record<string, string> }[] = [
  { file: "imserver.service", name: "imserver.service", env: {} },
  {
    file: "imserver-gateway@.service",
    name: "imserver-gateway@8080.service",
    env: {
      IMSERVER_DBPROXY: "127.0.0.1:1",
      IMSERVER_REDIS: "redis://127.0.0.1:1",
      IMSERVER_KEY_FILE: "/etc/imserver/keys.json",
    },
  },
  {
    file: "imserver-dbproxy.service",
    name: "imserver-dbproxy.service",
    env: { IMSERVER_DATABASE: "mysql://im@127.0.0.1:1/im" },
  },
];
/** Of ten, the more the worse. What is left: the network, a writable folder, code that is made at run time. */
const MOST_EXPOSED = 2;

const analyze = Deno.env.get("IMSERVER_SYSTEMD_ANALYZE") || "/usr/bin/systemd-analyze";
const read = (file: string) => Deno.readTextFileSync(join(FOLDER, file));
const valueOf = (unit: string, key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1];

Deno.test("systemd: the units have nothing to find fault with, and leave a process little", async () => {
  using folder = tempFolder();
  for (const { file, name } of UNITS) {
    const path = join(folder.path, name);
    // The program is not installed here.
    await Deno.writeTextFile(path, read(file).replace("/usr/local/bin/imserver", "/bin/true"));
    assert.equal(await runToEnd(analyze, ["verify", "--man=no", path]), "", name);
    // Throws with the whole table where it is more.
    const security = ["security", "--offline=true", `--threshold=${MOST_EXPOSED * 10}`, "--no-pager", path];
    await runToEnd(analyze, security);
  }
});

Deno.test("systemd: the program takes each unit's command line, and stops within the unit's patience", async () => {
  for (const { file, name, env } of UNITS) {
    const unit = read(file);
    const [program, ...args] = valueOf(unit, "ExecStart")!.replaceAll("%i", "8080").replaceAll(
      "%S",
      "/var/lib",
    )
      .split(" ");
    assert.equal(program, "/usr/local/bin/imserver");
    const { code, stdout, stderr } = await runProgram(["--print-config", ...args], { env });
    assert.deepEqual([code, stderr], [0, ""], name);
    const mode = /--mode=(\w+)/.exec(args.join(" "))?.[1] ?? "both";
    assert.match(stdout, new RegExp(`^mode +${mode} `, "m"));
    assert.ok(Number(valueOf(unit, "TimeoutStopSec")) * 1000 > STOP_DEADLINE_MS, name);
  }
});

Deno.test("systemd: a gateway's operator port is its own, also where several run on one machine", async () => {
  const ports = await Promise.all(["8080", "8081"].map(async (port) => {
    const args = valueOf(read("imserver-gateway@.service"), "ExecStart")!.replaceAll("%i", port).split(" ")
      .slice(1);
    const { stdout } = await runProgram(["--print-config", ...args], { env: UNITS[1].env });
    return /^ops-port +(\d+)/m.exec(stdout)![1];
  }));
  assert.deepEqual(ports, ["18080", "18081"]);
});

Deno.test("systemd: what is taken from a process is the same in every unit", () => {
  const hardening = UNITS.map(({ file }) => read(file).slice(read(file).indexOf("User=imserver")));
  assert.ok(hardening[0].includes("SystemCallFilter=@system-service"));
  for (const one of hardening) assert.equal(one, hardening[0]);
});
