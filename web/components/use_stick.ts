import type { Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** How near the end counts as being there. */
const NEAR_PX = 48;

/**
 * Keeps a growing list where its reader is: at the end when they are there, else on what they were reading,
 * although older items came in above. `first` names the first item, `last` the last.
 */
export function useStick(
  list: RefObject<HTMLElement | null>,
  { first, last, atBottom }: { first: unknown; last: unknown; atBottom: Signal<boolean> },
): () => void {
  const before = useRef({ height: 0, first });
  const toEnd = () => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  };

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    if (atBottom.peek()) toEnd();
    else if (first !== before.current.first) {
      element.scrollTop += element.scrollHeight - before.current.height;
    }
    before.current = { height: element.scrollHeight, first };
  }, [first, last]);

  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const look = () => {
      atBottom.value = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    };
    // A keyboard opens, the composer or a message grows: who was at the end stays there.
    const resized = new ResizeObserver(() => atBottom.peek() && toEnd());
    element.addEventListener("scroll", look, { passive: true });
    resized.observe(element);
    for (const child of element.children) resized.observe(child);
    return () => {
      element.removeEventListener("scroll", look);
      resized.disconnect();
    };
  }, []);
  return toEnd;
}
