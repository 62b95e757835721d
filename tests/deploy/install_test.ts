import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ROOT, tempFolder } from "../support/server.ts";

/** install.sh against a server of releases: what is whole is put in place, and nothing else ever is. */

const PROGRAM = "#!/bin/sh\necho imserver 9.9.9\n";
const SUM = createHash("sha256").update(PROGRAM).digest("hex");
const NAME = `imserver-linux-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}`;

/** Serves these paths, and what was asked for. */
function serveReleases(files: Record<string, string>) {
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    return files[pathname] === undefined
      ? new Response("no", { status: 404 })
      : new Response(files[pathname]);
  });
  const url = `http://127.0.0.1:${server.addr.port}/releases`;
  return { url, asked, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function install(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: [join(ROOT, "install.sh"), ...args],
    env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent", ...env },
    clearEnv: true,
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

const namesIn = (path: string) => Array.from(Deno.readDirSync(path), ({ name }) => name);

Deno.test("install: the newest or a version, its checksum compared; it runs, and an older one is replaced", async () => {
  using folder = tempFolder();
  const sums = `${"0".repeat(64)}  imserver-macos-x64\n${SUM}  ${NAME}\n`;
  await using releases = serveReleases({
    "/releases/latest/download/SHA256SUMS": sums,
    [`/releases/latest/download/${NAME}`]: PROGRAM,
    "/releases/download/v1.2.3/SHA256SUMS": sums,
    [`/releases/download/v1.2.3/${NAME}`]: PROGRAM,
  });
  const dir = join(folder.path, "a new folder");
  const first = await install(["--from", `${releases.url}/`, "--dir", dir]);
  assert.deepEqual([first.code, first.stdout], [0, `${dir}/imserver\n`], first.stderr);
  assert.match(first.stderr, /is not in PATH/);
  const said = await new Deno.Command(`${dir}/imserver`).output();
  assert.equal(new TextDecoder().decode(said.stdout), "imserver 9.9.9\n");
  await Deno.writeTextFile(`${dir}/imserver`, "old");
  const second = await install(["--version", "v1.2.3", "--dir", dir], {
    IMSERVER_RELEASES: releases.url,
    PATH: `/usr/bin:/bin:${dir}`,
  });
  assert.deepEqual([second.code, second.stderr], [0, ""]);
  assert.equal(await Deno.readTextFile(`${dir}/imserver`), PROGRAM);
  assert.ok(releases.asked.includes(`/releases/download/v1.2.3/${NAME}`));
  assert.deepEqual(namesIn(dir), ["imserver"]);
});

Deno.test("install: what is damaged, missing, for another machine or asked for wrongly leaves what was there", async () => {
  using folder = tempFolder();
  const at = (version: string, what: string) => `/releases/download/v${version}/${what}`;
  await using releases = serveReleases({
    [at("1", "SHA256SUMS")]: `${SUM}  ${NAME}\n`,
    [at("1", NAME)]: `${PROGRAM}# changed on the way\n`,
    [at("2", "SHA256SUMS")]: `${SUM}  imserver-plan9-x64\n`,
    [at("3", "SHA256SUMS")]: `${SUM}  ${NAME}\n`,
  });
  const dir = folder.path;
  await Deno.writeTextFile(`${dir}/imserver`, "what was there");
  const odd = tempFolder();
  await Deno.writeTextFile(`${odd.path}/uname`, "#!/bin/sh\necho Plan9\n", { mode: 0o755 });
  const from = ["--from", releases.url, "--dir", dir];
  const refused: [string[], RegExp, Record<string, string>?][] = [
    [[...from, "--version", "1"], /the checksum of .* is wrong; nothing was installed/],
    [[...from, "--version", "2"], /this release has no imserver-linux/],
    [[...from, "--version", "3"], /cannot fetch .*imserver-linux/],
    [[...from, "--version", "4"], /cannot fetch .*SHA256SUMS/],
    [["--dir", dir], /say where releases lie/],
    [["--version"], /--version needs a value/],
    [["--sudo"], /--sudo is not known/],
    [from, /there is no file for Plan9/, { PATH: `${odd.path}:/usr/bin:/bin` }],
    [["--from", releases.url, "--dir", "/proc/nothing"], /cannot make \/proc\/nothing/],
  ];
  for (const [args, sentence, env] of refused) {
    const { code, stderr } = await install(args, env);
    assert.match(stderr, sentence);
    assert.equal(code, 1, stderr);
    assert.deepEqual(namesIn(dir), ["imserver"]);
    assert.equal(await Deno.readTextFile(`${dir}/imserver`), "what was there");
  }
  odd[Symbol.dispose]();
  assert.match((await install(["--help"])).stdout, /sh install\.sh \[--version/);
});
