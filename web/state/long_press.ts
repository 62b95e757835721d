/** How long a finger rests, in ms, and how far it may slip, in CSS pixels: as on Android. */
const LONG_MS = 500;
const SLIP_PX = 10;

/**
 * A finger that rested opens the menu where a browser fires no `contextmenu` for it (Safari on a phone): this does, when
 * the finger is lifted, because a menu that opened before would close then. Where somebody took it, it is no tap any more.
 */
export function watchLongPress(root: Document): void {
  let at: { x: number; y: number; since: number } | undefined;
  const forget = () => at = undefined;
  const listen = root.addEventListener.bind(root);
  listen("touchstart", ({ touches: [{ clientX: x, clientY: y }, second] }) => {
    at = second ? undefined : { x, y, since: performance.now() };
  }, { passive: true });
  listen("touchmove", ({ touches: [{ clientX, clientY }] }) => {
    if (at && Math.hypot(clientX - at.x, clientY - at.y) > SLIP_PX) forget();
  }, { passive: true });
  listen("touchend", (event) => {
    if (!at || performance.now() - at.since < LONG_MS) return;
    const { x: clientX, y: clientY } = at;
    const menu = new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX, clientY });
    const taken = !event.target!.dispatchEvent(menu);
    if (taken && event.cancelable) event.preventDefault();
  });
  // Where the browser fires its own, that comes first.
  listen("contextmenu", forget);
  listen("touchcancel", forget);
}
