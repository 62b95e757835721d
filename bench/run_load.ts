import type { Job } from "./load/main.ts";

/** Runs a load in a process of its own and answers its figures. Throws with what it wrote when the run is void. */
export async function runLoad(job: Job): Promise<Record<string, number>> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", new URL("load/main.ts", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(job)));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code !== 0) throw new Error(text(stderr).trim() || `the load ended with ${code}`);
  return JSON.parse(text(stdout));
}
