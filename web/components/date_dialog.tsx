import { useState } from "preact/hooks";
import type { Chat } from "../state/chat.ts";
import { tell, text } from "../state/settings.ts";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";

interface DateDialogProps {
  chat: Chat;
  /** The day that is offered, as a time on it. */
  at: number;
  onClose: () => void;
}

/** Asks for a day, and goes to what was said first on it or after it. */
export function DateDialog({ chat, at, onClose }: DateDialogProps) {
  const [day, setDay] = useState(toDay(at));
  const [state, setState] = useState<"idle" | "busy">("idle");
  const [error, setError] = useState<unknown>(null);
  const go = async (event: Event) => {
    event.preventDefault();
    setState("busy");
    setError(null);
    try {
      await chat.jumpToTime(new Date(`${day}T00:00`).getTime());
      onClose();
    } catch (problem) {
      setError(problem);
      setState("idle");
    }
  };
  return (
    <Dialog title={text.value.goToDate} onClose={onClose}>
      <form onSubmit={go}>
        <Field
          label={text.value.date}
          type="date"
          value={day}
          max={toDay(Date.now())}
          onText={setDay}
          required
        />
        {error !== null && <p class="error" role="alert">{tell(error)}</p>}
        <div class="dialog-actions">
          <button
            type="submit"
            class="button primary"
            disabled={state === "busy"}
            aria-busy={state === "busy"}
          >
            {text.value.go}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** As a date field has it, in this browser's time zone. */
function toDay(at: number): string {
  const date = new Date(at);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${date.getFullYear()}-${month}-${day}`;
}
