import type { Data } from "../data/service.ts";
import type { Logger } from "../kit/log.ts";

const LOOK_EVERY_MS = 1_000;

export interface WatchOptions {
  log: Pick<Logger, "info" | "warn">;
  /** Told with each look whether the database answered it. */
  onLook?: (there: boolean) => void;
  everyMs?: number;
}

/** Looks every second whether the database answers, and logs once when it does no more and once when it does again. */
export function watchDatabase(ask: () => Promise<unknown>, options: WatchOptions): () => void {
  const { log, onLook = () => {}, everyMs = LOOK_EVERY_MS } = options;
  let begun = 0;
  let newest = 0;
  let awaySince: number | undefined;

  /** A look that hung may end after a later one: what it saw is old. */
  function end(look: number, because: string | null): void {
    if (look < newest) return;
    newest = look;
    if (because !== null && awaySince === undefined) {
      awaySince = performance.now();
      log.warn("the database is away", { because });
    } else if (because === null && awaySince !== undefined) {
      log.info("the database is back", { afterMs: Math.round(performance.now() - awaySince) });
      awaySince = undefined;
    }
    onLook(because === null);
  }

  const timer = setInterval(() => {
    const look = ++begun;
    ask().then(() => end(look, null), (error: Error) => end(look, error.message));
  }, everyMs);
  return () => {
    newest = Infinity;
    clearInterval(timer);
  };
}

/** Null when the database answers, else it rejects. */
export async function answers(data: Data): Promise<string | null> {
  return await data.users.get({ ids: [1] }).then(() => null);
}
