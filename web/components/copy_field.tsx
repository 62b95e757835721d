import { useId, useRef } from "preact/hooks";
import { text } from "../state/settings.ts";
import { toast } from "../state/toasts.ts";
import { Icon } from "./icon.tsx";

/** Something to copy: by its button, or by hand where the browser does not let a page do it. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const { copy, copied } = text.value.groups;
  const onCopy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(value);
      toast(copied);
    } catch {
      // It is selected: the keys for copying do it.
    }
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="copy-field">
        <input ref={field} id={id} type="text" readOnly value={value} dir="ltr" />
        <button type="button" class="icon-button" aria-label={copy} title={copy} onClick={onCopy}>
          <Icon name="copy" />
        </button>
      </div>
    </div>
  );
}
