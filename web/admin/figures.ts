import { signal } from "@preact/signals";
import type { Output } from "../../sdk/mod.ts";
import { call } from "./call.ts";

export type Figures = Output<"admin.figures">;
export type Gateway = Figures["gateways"][number];

/** How the server was at one moment. */
export interface Point {
  at: number;
  sum: Figures["sum"];
}

const EVERY_MS = 2_000;
/** Older ones would be no figures of now. */
const PATIENCE_MS = 3_000;
/** Three minutes. */
const MAX_POINTS = 90;
/** Where nobody looked for longer, the line begins anew. */
const MAX_GAP_MS = 10_000;

export const figures = signal<Figures | null>(null);
export const points = signal<readonly Point[]>([]);
/** Why there are no newer ones; null: all is well. */
export const trouble = signal<unknown>(null);

/** Asks for the figures again and again while the page is seen. The answer ends it. */
export function watchFigures(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  let asking = false;

  async function look(): Promise<void> {
    clearTimeout(timer);
    if (asking || ended || document.hidden) return;
    asking = true;
    try {
      take(await call("admin.figures", {}, { timeoutMs: PATIENCE_MS }));
    } catch (error) {
      trouble.value = error;
    }
    asking = false;
    if (!ended) timer = setTimeout(look, EVERY_MS);
  }

  document.addEventListener("visibilitychange", look);
  void look();
  return () => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

function take(found: Figures): void {
  const at = Date.now();
  const last = points.peek().at(-1);
  const before = last && at - last.at < MAX_GAP_MS ? points.peek() : [];
  points.value = [...before, { at, sum: found.sum }].slice(-MAX_POINTS);
  figures.value = found;
  trouble.value = null;
}
