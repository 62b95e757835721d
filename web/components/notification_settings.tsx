import type { ComponentChildren } from "preact";
import {
  allowNotifications,
  mentionsPass,
  permission,
  playsSound,
  showsNotifications,
} from "../state/notifications.ts";
import { playChime } from "../state/chime.ts";
import { text } from "../state/settings.ts";

/** How one learns of what was said while one was not looking. */
export function NotificationSettings() {
  const t = text.value.notifications;
  const allowed = permission.value;
  const shows = showsNotifications.value.value && allowed === "granted";
  return (
    <fieldset class="switches">
      <legend>{t.title}</legend>
      <Switch
        label={t.desktop}
        checked={shows}
        disabled={allowed === "unsupported" || allowed === "denied"}
        // The browser asks its own question; it may only in a click.
        onToggle={(on) =>
          on && allowed !== "granted" ? void allowNotifications() : showsNotifications.set(on)}
      >
        {allowed === "denied" && <span class="hint">{t.denied}</span>}
        {allowed === "unsupported" && <span class="hint">{t.unsupported}</span>}
      </Switch>
      <Switch
        label={t.sound}
        checked={playsSound.value.value}
        onToggle={(on) => {
          playsSound.set(on);
          if (on) playChime();
        }}
      />
      <Switch label={t.mentions} checked={mentionsPass.value.value} onToggle={mentionsPass.set}>
        <span class="hint">{t.mentionsHint}</span>
      </Switch>
    </fieldset>
  );
}

interface SwitchProps {
  label: string;
  checked: boolean;
  disabled?: boolean;
  onToggle: (on: boolean) => void;
  children?: ComponentChildren;
}

function Switch({ label, checked, disabled, onToggle, children }: SwitchProps) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        onChange={(event) => {
          onToggle(event.currentTarget.checked);
          // What it shows is what holds, also where a browser has said no.
          event.currentTarget.checked = checked;
        }}
      />
      <span>
        {label}
        {children}
      </span>
    </label>
  );
}
