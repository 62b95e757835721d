import { startServer, tempFolder } from "../tests/support/server.ts";
import { median, rssMiB } from "./proc.ts";

export interface StartupResult {
  /** Exec to "ready" when the runtime was never unpacked and the data folder is empty. */
  firstRunMs: number;
  /** The same on later runs, on a data folder that is in use. */
  readyMs: number;
  /** Resident memory 2 s after ready. */
  rssIdleMiB: number;
  fileMB: number;
}

/** How long dist/imserver takes to answer, what it holds then, and how large it is. */
export async function startup(runs = 5): Promise<StartupResult> {
  using runtime = tempFolder();
  using data = tempFolder();
  const env = { IMSERVER_RUNTIME_DIR: runtime.path };
  const once = async () => {
    const from = performance.now();
    const server = await startServer({ dataDir: data.path, flavour: "dist", env });
    const tookMs = performance.now() - from;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const rss = rssMiB(server.pid);
    await server.stop();
    return { tookMs, rss };
  };
  const first = await once();
  const later = [];
  for (let i = 0; i < runs; i++) later.push(await once());
  const { size } = await Deno.stat(new URL("../dist/imserver", import.meta.url));
  return {
    firstRunMs: Math.round(first.tookMs),
    readyMs: Math.round(median(later.map(({ tookMs }) => tookMs))),
    rssIdleMiB: median(later.map(({ rss }) => rss)),
    fileMB: Math.round(size / 1e5) / 10,
  };
}
