import type { Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** How near the end counts as being there. */
const NEAR_PX = 48;

/** A row, and how far below the upper edge of the list it was seen. */
interface Anchor {
  row: HTMLElement;
  topPx: number;
}

interface StickOptions {
  /** Changes with the rows. */
  rows: unknown;
  /** Whether the last row is the newest of all. */
  isNewest: boolean;
  atBottom: Signal<boolean>;
}

/**
 * Keeps a list where its reader is, whatever comes and goes above and below: at the end when they are there, else at the
 * row that they were reading. Answers what goes to the end, and what goes to a row.
 */
export function useStick(
  list: RefObject<HTMLElement | null>,
  { rows, isNewest, atBottom }: StickOptions,
): { toEnd: () => void; toRow: (row: HTMLElement, where: "start" | "center") => void } {
  const anchor = useRef<Anchor | null>(null);
  const newest = useRef(isNewest);
  newest.current = isNewest;

  const look = () => {
    const element = list.current;
    if (!element) return;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    atBottom.value = newest.current && below < NEAR_PX;
    anchor.current = firstInView(element);
  };
  const toEnd = () => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
    look();
  };
  const toRow = (row: HTMLElement, where: "start" | "center") => {
    row.scrollIntoView({ block: where });
    look();
  };
  const stay = () => {
    const element = list.current;
    if (!element) return;
    if (atBottom.peek() && newest.current) return toEnd();
    const { row, topPx } = anchor.current ?? {};
    if (row?.isConnected) element.scrollTop += topOf(row, element) - topPx!;
    look();
  };

  useLayoutEffect(stay, [rows, isNewest]);
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    // A keyboard opens, a picture is there, the composer grows.
    const resized = new ResizeObserver(stay);
    element.addEventListener("scroll", look, { passive: true });
    resized.observe(element);
    for (const child of element.children) resized.observe(child);
    return () => {
      element.removeEventListener("scroll", look);
      resized.disconnect();
    };
  }, []);
  return { toEnd, toRow };
}

function topOf(row: Element, list: Element): number {
  return row.getBoundingClientRect().top - list.getBoundingClientRect().top;
}

/** Days are left out: they stick to the upper edge. */
function firstInView(list: HTMLElement): Anchor | null {
  const rows = list.querySelectorAll<HTMLElement>("[data-seq]");
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { height } = rows[middle].getBoundingClientRect();
    if (topOf(rows[middle], list) + height <= 0) low = middle + 1;
    else high = middle;
  }
  return low < rows.length ? { row: rows[low], topPx: topOf(rows[low], list) } : null;
}
