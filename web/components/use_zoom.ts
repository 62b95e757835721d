import { useEffect, useRef, useState } from "preact/hooks";

/** How a picture is looked at: how much larger than it fits, and how far it is pushed, in CSS pixels. */
export interface Zoom {
  scale: number;
  x: number;
  y: number;
}

const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
const MAX_SCALE = 8;
const STEP = 1.5;

/** Zooming by buttons, keys, the wheel, a double click and two fingers; pushing by one. Begins anew with each `url`. */
export function useZoom(url: string | null) {
  const [zoom, setZoom] = useState(WHOLE);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  useEffect(() => setZoom(WHOLE), [url]);
  const by = (factor: number) =>
    setZoom(({ scale, x, y }) => {
      const next = Math.min(MAX_SCALE, Math.max(1, scale * factor));
      return next === 1 ? WHOLE : { scale: next, x: x * next / scale, y: y * next / scale };
    });

  const onPointerDown = (event: PointerEvent) => {
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent) => {
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    fingers.current.set(event.pointerId, now);
    if (other) by(distance(now, other) / Math.max(1, distance(before, other)));
    else {
      setZoom((zoom) =>
        zoom.scale === 1 ? zoom : { ...zoom, x: zoom.x + now.x - before.x, y: zoom.y + now.y - before.y }
      );
    }
  };
  const onPointerUp = (event: PointerEvent) => void fingers.current.delete(event.pointerId);
  return {
    zoom,
    zoomIn: () => by(STEP),
    zoomOut: () => by(1 / STEP),
    reset: () => setZoom(WHOLE),
    gestures: {
      onPointerDown,
      onPointerMove,
      onPointerUp,
      onPointerCancel: onPointerUp,
      onDblClick: () => zoom.scale > 1 ? setZoom(WHOLE) : by(2.5),
      onWheel: (event: WheelEvent) => by(Math.exp(-event.deltaY / 400)),
    },
  };
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
