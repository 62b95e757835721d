interface ToggleProps {
  label: string;
  hint?: string;
  checked: boolean;
  onToggle: (on: boolean) => void;
}

/** A switch that takes hold at once. What it shows is what holds: it turns when the answer has come. */
export function Toggle({ label, hint, checked, onToggle }: ToggleProps) {
  return (
    <label class="switch">
      <span class="switch-words">
        {label}
        {hint && <span class="hint">{hint}</span>}
      </span>
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        onChange={(event) => {
          onToggle(event.currentTarget.checked);
          event.currentTarget.checked = checked;
        }}
      />
    </label>
  );
}
