import type { BlobStore, StoredBlob } from "../blobs/store.ts";
import type { Files } from "../data/service.ts";
import type { Logger } from "../kit/log.ts";
import { thumbnailKey } from "./files.ts";
import { logFailedRound } from "./round_failed.ts";

export interface FileSweepParts {
  files: Pick<Files, "sweep" | "swept" | "known">;
  blobs: Pick<BlobStore, "remove" | "abandon" | "list">;
  log: Logger;
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  /** How long an unfinished upload, or a file that nothing refers to, is kept. */
  keepMs: number;
}

const MAX_PERIOD_MS = 10 * 60_000;
const MIN_PERIOD_MS = 1_000;
const PAGE = 200;

/**
 * Deletes the bytes that Data has given up, and now and then looks for what a crash left in the store without
 * Data knowing it. Any number of gateways may do so at once.
 */
export function startFileSweep(parts: FileSweepParts): { run(): Promise<void>; close(): void } {
  const { files, blobs, log, keepMs } = parts;
  let closed = false;
  let timer: ReturnType<typeof setTimeout>;
  // Not all gateways at once, and not each time one starts.
  let strayAt = parts.now() + keepMs * (0.5 + parts.random());

  async function takeOut(): Promise<void> {
    for (;;) {
      const { trash } = await files.sweep({ uploadAgeMs: keepMs, idleAgeMs: keepMs, limit: PAGE });
      for (const { key, storeId } of trash) {
        await blobs.abandon({ key, storeId });
        await blobs.remove(key);
        await blobs.remove(thumbnailKey(key));
      }
      if (trash.length > 0) await files.swept({ keys: trash.map(({ key }) => key) });
      if (trash.length < PAGE || closed) return;
    }
  }

  /** What is older than anything under way can be, and unknown to Data. */
  async function findStrays(): Promise<void> {
    const before = parts.now() - 2 * keepMs;
    let page: StoredBlob[] = [];
    const look = async () => {
      const keys = [...new Set(page.map(({ key }) => ownerKey(key)))];
      const known = new Set((await files.known({ keys })).keys);
      for (const { key, storeId } of page.filter(({ key }) => !known.has(ownerKey(key)))) {
        if (storeId === undefined) await blobs.remove(key);
        else await blobs.abandon({ key, storeId });
        log.info("a stray blob was deleted", { key });
      }
      page = [];
    };
    for await (const blob of blobs.list()) {
      if (closed) return;
      if (blob.at < before) page.push(blob);
      if (page.length === PAGE) await look();
    }
    if (page.length > 0) await look();
  }

  async function run(): Promise<void> {
    await takeOut();
    if (parts.now() < strayAt || closed) return;
    strayAt = parts.now() + keepMs;
    await findStrays();
  }

  const periodMs = Math.max(MIN_PERIOD_MS, Math.min(MAX_PERIOD_MS, keepMs / 4));
  const again = () => {
    timer = setTimeout(async () => {
      await run().catch((error) => logFailedRound(log, "files could not be swept", error));
      if (!closed) again();
    }, periodMs * (0.75 + parts.random() / 2));
    Deno.unrefTimer(timer);
  };
  again();
  return {
    run,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** A thumbnail is its file's. */
const ownerKey = (key: string) => key.replace(/-t$/, "");
