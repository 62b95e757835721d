import { useId } from "preact/hooks";

interface TextAreaProps {
  label: string;
  hint?: string;
  value: string;
  onText: (value: string) => void;
  maxLength: number;
  rows: number;
  autofocus?: boolean;
}

/** A labelled field for several lines. */
export function TextArea({ label, hint, onText, ...area }: TextAreaProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        {...area}
        id={id}
        aria-describedby={hint && `${id}-hint`}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}
