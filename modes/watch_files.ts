import type { Logger } from "../kit/log.ts";
import { reasonOf } from "./config.ts";

/** Files are asked for so often: the system's own notices do not cross network folders and mounted secrets. */
const EVERY_MS = 5_000;

export interface WatchFilesOptions {
  /** What they are, for the log. */
  what: string;
  /** Takes them into use. Where it rejects, what was in use stays, and the next change is another chance. */
  onChange: () => Promise<void>;
  log: Pick<Logger, "info" | "warn">;
  everyMs?: number;
}

/**
 * Calls `onChange` after one of the files has become another, by content or by rename, and once at first: they may
 * have, since the caller read them. The answer ends it.
 */
export async function watchFiles(
  paths: readonly string[],
  { what, onChange, log, everyMs = EVERY_MS }: WatchFilesOptions,
): Promise<() => void> {
  // Looked at before they are read: what changes while they are read is seen the next time.
  let known = await looks(paths);
  const take = async () => {
    try {
      await onChange();
      return true;
    } catch (error) {
      log.warn(`${what} changed and cannot be used; what was in use stays`, { because: reasonOf(error) });
      return false;
    }
  };
  await take();
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    const now = await looks(paths);
    if (now !== known) {
      known = now;
      if (await take()) log.info(`${what} taken into use anew`, {});
    }
    busy = false;
  }, everyMs);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}

async function looks(paths: readonly string[]): Promise<string> {
  const each = await Promise.all(paths.map(async (path) => {
    const info = await Deno.stat(path).catch(() => null);
    return info ? `${info.ino}:${info.size}:${info.mtime?.getTime()}` : "none";
  }));
  return each.join(" ");
}
