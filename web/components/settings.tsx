import { useState } from "preact/hooks";
import { me } from "../state/people.ts";
import { logOut } from "../state/session.ts";
import { tell, text } from "../state/settings.ts";
import { AccountSettings } from "./account_settings.tsx";
import { Avatar } from "./avatar.tsx";
import { LanguageChoice, ThemeChoice } from "./choices.tsx";
import { Icon } from "./icon.tsx";
import { NotificationSettings } from "./notification_settings.tsx";

/** The menu of one's own: who one is, language, theme, the way out. */
export function Settings() {
  const [error, setError] = useState<unknown>(null);
  const { settings, logOut: logOutLabel } = text.value;
  const user = me.value;
  const leave = () => logOut().catch(setError);
  return (
    <>
      <button
        type="button"
        class="icon-button"
        popovertarget="settings"
        aria-label={settings}
        title={settings}
      >
        <Icon name="settings" />
      </button>
      <div id="settings" class="popover" popover="auto" role="dialog" aria-label={settings}>
        {user && (
          <div class="identity">
            <Avatar id={user.id} name={user.displayName} />
            <p>
              <bdi class="identity-name">{user.displayName}</bdi>
              <bdi class="muted">@{user.username}</bdi>
            </p>
          </div>
        )}
        <LanguageChoice />
        <ThemeChoice />
        <NotificationSettings />
        <AccountSettings />
        {error !== null && <p class="error" role="alert">{tell(error)}</p>}
        <button type="button" class="button" onClick={leave}>{logOutLabel}</button>
      </div>
    </>
  );
}
