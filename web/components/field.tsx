import { useId, useState } from "preact/hooks";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

interface FieldProps {
  label: string;
  hint?: string;
  /** What is wrong with it. */
  error?: string;
  value: string;
  onText: (value: string) => void;
  name?: string;
  type?: "text" | "password" | "search" | "date";
  /** The last day of a date. */
  max?: string;
  autoComplete?: string;
  autoCapitalize?: "none";
  spellcheck?: boolean;
  minLength?: number;
  maxLength?: number;
  required?: boolean;
  autofocus?: boolean;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** A labelled input with its hint. Every rule but length is the server's to check. What is masked can be looked at. */
export function Field({ label, hint, error, onText, ...input }: FieldProps) {
  const id = useId();
  const [isShown, setShown] = useState(false);
  const isMasked = input.type === "password";
  // Preact types an input by its kind; here the kind is a variable, and FieldProps is what checks.
  const attributes: object = input;
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>
        {label}
        {!input.required && input.type !== "search" && input.type !== "date" && (
          <span class="optional">{text.value.optional}</span>
        )}
      </label>
      <div class="field-row">
        <input
          {...attributes}
          {...isMasked && isShown && { type: "text", spellcheck: false, autoCapitalize: "none" }}
          id={id}
          aria-describedby={described || undefined}
          aria-invalid={error !== undefined}
          onInvalid={(event) => event.currentTarget.setCustomValidity(complaint(event.currentTarget))}
          onInput={(event) => {
            event.currentTarget.setCustomValidity("");
            onText(event.currentTarget.value);
          }}
        />
        {isMasked && (
          <button
            type="button"
            class="icon-button"
            aria-label={text.value.showTyped}
            aria-pressed={isShown}
            title={text.value.showTyped}
            onClick={() => setShown(!isShown)}
          >
            <Icon name="eye" />
          </button>
        )}
      </div>
      {error && <p class="error" role="alert" id={`${id}-error`}>{error}</p>}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

/** By itself a browser complains in its own language, which need not be the one chosen here. */
function complaint({ validity, minLength }: HTMLInputElement): string {
  if (validity.valueMissing) return text.value.fillIn;
  return validity.tooShort ? text.value.atLeast(minLength) : "";
}
