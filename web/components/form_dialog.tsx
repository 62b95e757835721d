import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { tell } from "../state/settings.ts";
import { Dialog } from "./dialog.tsx";

interface FormDialogProps {
  title: string;
  /** What the button says. */
  action: string;
  disabled?: boolean;
  onSubmit: () => Promise<unknown>;
  onClose: () => void;
  children: ComponentChildren;
}

/** A dialog with a form: says what went wrong, and closes when it is done. */
export function FormDialog({ title, action, disabled, onSubmit, onClose, children }: FormDialogProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onSubmit();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        {children}
        {error !== null && <p class="error" role="alert">{tell(error)}</p>}
        <button type="submit" class="button primary" disabled={busy || disabled} aria-busy={busy}>
          {action}
        </button>
      </form>
    </Dialog>
  );
}
