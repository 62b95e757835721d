import assert from "node:assert/strict";
import { asAscii, compile } from "./compile.ts";

interface Ready {
  port: number;
  pid: number;
  said: string;
  env: string[];
  args: string[];
  cwd: string;
}

const here = (path: string) => `${import.meta.dirname}/${path}`;

/** Packed once, with little compression, into a folder with a space in its name. */
const packed = (async () => {
  const folder = await Deno.makeTempDir({ prefix: "packed test " });
  const work = here("../.tmp/compile_test");
  const output = `${folder}/imserver`;
  const assets = here("testdata/toy_web");
  await compile({ entry: here("testdata/toy.ts"), assets, output, work, packOnly: true, level: 1 });
  return { folder, file: output, runtime: `${folder}/run time` };
})();

globalThis.addEventListener("unload", () => {
  packed.then(({ folder }) => Deno.removeSync(folder, { recursive: true }), () => {});
});

interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
}

/** Starts a command with nothing but `env` around it. */
function run(command: string, args: string[], { env = {}, cwd = "/" }: RunOptions = {}) {
  const child = new Deno.Command(command, {
    args,
    env,
    cwd,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return {
    ready: async (): Promise<Ready> => {
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) return JSON.parse(text);
      throw new Error(`the program ended: ${await new Response(child.stderr).text()}`);
    },
    pid: child.pid,
    kill: (signal: Deno.Signal) => child.kill(signal),
    failed: async () => {
      const { code, stderr } = await child.output();
      return { code, said: new TextDecoder().decode(stderr) };
    },
    status: child.status,
    close: async () => {
      if (!child.stdout.locked) await child.stdout.cancel();
      await child.stderr.cancel();
    },
  };
}

/** Starts the packed toy, looks at what it answers, ends it by SIGTERM. */
async function startAndStop(command: string, args: string[], options?: RunOptions): Promise<Ready> {
  const program = run(command, args, options);
  const ready = await program.ready();
  assert.equal(ready.pid, program.pid, "the server is the very process that was started");
  assert.equal(ready.said, "from the worker");
  const response = await fetch(`http://127.0.0.1:${ready.port}/`);
  assert.equal(await response.text(), "<h1>toy</h1>\n");
  program.kill("SIGTERM");
  assert.equal((await program.status).code, 42, "the exit code is the server's own");
  await program.close();
  return ready;
}

/** One plain sentence and exit code 2. */
async function refuses(program: ReturnType<typeof run>, sentence: RegExp) {
  const { code, said } = await program.failed();
  assert.match(said, sentence);
  assert.equal(said.trimEnd().split("\n").length, 1, said);
  assert.equal(code, 2);
}

Deno.test("packed: two first runs at once both start, and one folder remains", async () => {
  const { file, runtime } = await packed;
  const env = { IMSERVER_RUNTIME_DIR: runtime };
  const both = await Promise.all([
    startAndStop(file, ["--one", "two words", "*"], { env }),
    startAndStop(file, [], { env }),
  ]);
  assert.deepEqual(both[0].args, ["--one", "two words", "*"]);
  assert.equal(Array.from(Deno.readDirSync(runtime)).length, 1);
});

Deno.test("packed: an environment that is empty", async () => {
  const { file } = await packed;
  const content = /^content=(\w+)$/m.exec((await Deno.readTextFile(file)).slice(0, 4096))?.[1];
  try {
    const ready = await startAndStop("/usr/bin/env", ["-i", file], { cwd: "/usr" });
    assert.deepEqual(ready.env, []);
    assert.equal(ready.cwd, "/usr");
  } finally {
    await Deno.remove(`/var/tmp/imserver-${Deno.uid()}/${content}`, { recursive: true });
  }
});

Deno.test("packed: through a link, from PATH, by a relative path", async () => {
  const { folder, file, runtime } = await packed;
  await Deno.symlink(file, `${folder}/a link`);
  const env = {
    IMSERVER_RUNTIME_DIR: runtime,
    IMSERVER_PORT: "1",
    SECRET: "x",
    PATH: `${folder}:/usr/bin:/bin`,
  };
  const ready = await startAndStop(`${folder}/a link`, [], { env });
  assert.deepEqual(ready.env, ["IMSERVER_PORT"], "it sees its own settings and no other variable");
  await startAndStop("/bin/sh", ["-c", "exec imserver"], { env });
  await startAndStop("/bin/sh", ["-c", "exec ./imserver"], { env, cwd: folder });
});

Deno.test("packed: a first run killed half way leaves nothing that is taken for whole", async () => {
  const { folder, file } = await packed;
  const env = { IMSERVER_RUNTIME_DIR: `${folder}/killed` };
  const first = run(file, [], { env });
  await new Promise((resolve) => setTimeout(resolve, 150));
  first.kill("SIGKILL");
  await first.status;
  await first.close();
  await startAndStop(file, [], { env });
});

Deno.test("packed: files that were taken out of the folder come back", async () => {
  const { file, runtime } = await packed;
  const [{ name }] = Deno.readDirSync(runtime);
  await Deno.remove(`${runtime}/${name}/imserver.js`);
  await startAndStop(file, [], { env: { IMSERVER_RUNTIME_DIR: runtime } });
  assert.equal(Array.from(Deno.readDirSync(runtime)).length, 1);
});

Deno.test("packed: a cache folder that cannot be written", async () => {
  const { file } = await packed;
  const env = { IMSERVER_RUNTIME_DIR: "/proc/nowhere" };
  await refuses(
    run(file, [], { env }),
    /^imserver: cannot write to \/proc\/nowhere; set IMSERVER_RUNTIME_DIR/,
  );
});

Deno.test("packed: a folder that is somebody else's, or a link", async () => {
  const { folder, file, runtime } = await packed;
  const [{ name }] = Deno.readDirSync(runtime);
  const planted = `${folder}/planted`;
  await Deno.mkdir(planted);
  await Deno.symlink(`${runtime}/${name}`, `${planted}/${name}`);
  const env = { IMSERVER_RUNTIME_DIR: planted };
  await refuses(run(file, [], { env }), /is not a folder of this user/);
  if (Deno.uid() !== 0) return;
  await Deno.remove(`${planted}/${name}`);
  await Deno.mkdir(`${planted}/${name}`);
  await Deno.chown(`${planted}/${name}`, 12345, 12345);
  await refuses(run(file, [], { env }), /is not a folder of this user/);
});

Deno.test("packed: a file that was cut short", async () => {
  const { folder, file } = await packed;
  const cut = `${folder}/cut`;
  await Deno.copyFile(file, cut);
  await Deno.truncate(cut, 10_000_000);
  await refuses(run(cut, [], { env: { IMSERVER_RUNTIME_DIR: `${folder}/cut-cache` } }), /is damaged/);
});

for (
  const [name, mountOptions, sentence] of [
    ["a cache folder that may not hold programs", "noexec", /may not run \(is it mounted noexec\?\)/],
    ["a full disk", "size=20m", /cannot unpack .* \(is the disk full\? tar: .+\)/],
  ] as const
) {
  Deno.test({
    name: `packed: ${name}`,
    // Mounting needs rights that not every container gives to its root.
    ignore: !await canMount(),
    fn: async () => {
      const { folder, file } = await packed;
      const target = await Deno.makeTempDir({ dir: folder });
      assert(await mount(target, mountOptions));
      try {
        await refuses(run(file, [], { env: { IMSERVER_RUNTIME_DIR: target } }), sentence);
        assert.deepEqual(Array.from(Deno.readDirSync(target)), []);
      } finally {
        await new Deno.Command("umount", { args: [target] }).output();
      }
    },
  });
}

async function mount(target: string, options: string): Promise<boolean> {
  const args = ["-t", "tmpfs", "-o", options, "tmpfs", target];
  return (await new Deno.Command("mount", { args, stderr: "null" }).output()).success;
}

async function canMount(): Promise<boolean> {
  const target = await Deno.makeTempDir();
  const could = Deno.uid() === 0 && await mount(target, "size=1m").catch(() => false);
  if (could) await new Deno.Command("umount", { args: [target] }).output();
  await Deno.remove(target);
  return could;
}

Deno.test("the bundle: what is not ASCII stands there as escapes, which say the same", () => {
  const text = 'const [a, b] = ["héllo 你好", `😀`]; const c = /[é😀]/u.test("é"); [a, b, c]';
  const ascii = asAscii(text);
  // deno-lint-ignore no-control-regex
  assert.match(ascii, /^[\x00-\x7f]+$/);
  assert.deepEqual((0, eval)(ascii.replace("const [", "var [")), ["héllo 你好", "😀", true]);
});
