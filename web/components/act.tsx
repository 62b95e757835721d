import { useRef, useState } from "preact/hooks";
import { attempt } from "../state/attempt.ts";

interface ActProps {
  label: string;
  /** The whole of what it does, for those who do not see beside whom it stands. */
  about: string;
  primary?: boolean;
  run: () => Promise<unknown>;
  done?: () => string;
}

/** A button that does one thing; once at a time. */
export function Act({ label, about, primary, run, done }: ActProps) {
  const [busy, setBusy] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const press = async () => {
    setBusy(true);
    const column = button.current?.closest<HTMLElement>(".pane, .details");
    // Most of these go away with what they did; the keyboard goes on from their column.
    if (await attempt(run, done)) column?.focus();
    setBusy(false);
  };
  return (
    <button
      ref={button}
      type="button"
      class={primary ? "button small primary" : "button small"}
      aria-label={about}
      disabled={busy}
      onClick={press}
    >
      {label}
    </button>
  );
}
