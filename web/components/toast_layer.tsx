import { useLayoutEffect, useRef } from "preact/hooks";
import { spoken, spokenAtOnce } from "../state/announce.ts";
import { text } from "../state/settings.ts";
import { closeToast, type Toast, toasts } from "../state/toasts.ts";
import { Icon } from "./icon.tsx";

/** Passing words at the bottom, also above an open dialog. */
export function ToastLayer() {
  const layer = useRef<HTMLDivElement>(null);
  const shown = toasts.value;
  useLayoutEffect(() => {
    const element = layer.current!;
    // Shown anew, it lies above what has been opened since.
    if (element.matches(":popover-open")) element.hidePopover();
    if (shown.length > 0) element.showPopover();
  }, [shown]);
  return (
    <div ref={layer} class="toasts" popover="manual" role="region" aria-label={text.value.notices}>
      {shown.map((one) => <ToastView key={one.id} toast={one} />)}
    </div>
  );
}

function ToastView({ toast: { id, words, isError, action } }: { toast: Toast }) {
  return (
    <div class={isError ? "toast error" : "toast"} role={isError ? "alert" : "status"}>
      <span>{words}</span>
      {action && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            closeToast(id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label={text.value.close}
        onClick={() => closeToast(id)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

/** What is said to whoever listens to the page. Both are there from the start, or nothing would be said. */
export function LiveRegions() {
  return (
    <>
      <p class="hidden" aria-live="polite" data-testid="spoken">{spoken.value}</p>
      <p class="hidden" aria-live="assertive">{spokenAtOnce.value}</p>
    </>
  );
}
