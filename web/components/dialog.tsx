import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { giveFocusBack } from "../state/give_focus_back.ts";
import { tell, text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

interface DialogProps {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ComponentChildren;
}

/**
 * A modal dialog: the browser keeps the focus in it, closes it with Escape and gives the focus back to what had it
 * before. A click beside it closes it too.
 */
export function Dialog({ title, onClose, wide, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    return () => giveFocusBack(element, before);
  }, []);
  const onBackdrop = (event: MouseEvent) => event.target === dialog.current && dialog.current?.close();
  return (
    <dialog
      ref={dialog}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onClose={onClose}
      onMouseDown={onBackdrop}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={text.value.close}
          onClick={() => dialog.current?.close()}
        >
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  hint?: string;
  /** What the button says that does it. */
  action: string;
  danger?: boolean;
  /** What else is to be filled in. */
  children?: ComponentChildren;
  onConfirm: () => Promise<unknown> | void;
  onClose: () => void;
}

/** Asks before something that cannot be taken back; says what went wrong, and closes when it is done. */
export function Confirm({ title, hint, action, danger = true, children, onConfirm, onClose }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {hint && <p class="muted">{hint}</p>}
      {children}
      {error !== null && <p class="error" role="alert">{tell(error)}</p>}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>{text.value.cancel}</button>
        <button
          type="button"
          class={danger ? "button danger" : "button primary"}
          disabled={busy}
          aria-busy={busy}
          onClick={confirm}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}
