import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { me } from "../state/people.ts";
import { pageHref, route } from "../state/route.ts";
import { logOut } from "../state/session.ts";
import { tell, text } from "../state/settings.ts";
import type { Text } from "../text/en.ts";
import { DeletionForm, PasswordForm, ProfileForm, UsernameForm } from "./account_settings.tsx";
import { Avatar } from "./avatar.tsx";
import { LanguageChoice, ThemeChoice } from "./choices.tsx";
import { DataSettings } from "./data_settings.tsx";
import { DeviceSettings } from "./device_settings.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { lazy } from "./lazy.tsx";
import { NotificationSettings } from "./notification_settings.tsx";
import { PaneHead } from "./pane_head.tsx";
import { Notice } from "./notice.tsx";
import { OwnPicture } from "./own_picture.tsx";
import { PrivacySettings } from "./privacy_settings.tsx";

const TwoStepLogin = lazy(() => import("./two_step_login.tsx").then((module) => module.TwoStepLogin));

interface Section {
  /** Its part of the address. */
  name: string;
  icon: IconName;
  title: (words: Text) => string;
  content: () => ComponentChildren;
}

const Card = ({ title, children }: { title?: string; children: ComponentChildren }) => (
  <section class="card">
    {title && <h3>{title}</h3>}
    {children}
  </section>
);

/** The parts of the settings, in the order of the list. */
const SECTIONS: readonly Section[] = [
  {
    name: "profile",
    icon: "person",
    title: (words) => words.profile,
    content: () => (
      <>
        <Card>
          <OwnPicture />
          <ProfileForm />
        </Card>
        <Card title={text.value.own.usernameTitle}>
          <UsernameForm />
        </Card>
      </>
    ),
  },
  {
    name: "appearance",
    icon: "palette",
    title: (words) => words.appearance,
    content: () => (
      <Card>
        <LanguageChoice />
        <ThemeChoice />
      </Card>
    ),
  },
  {
    name: "notifications",
    icon: "bell",
    title: (words) => words.notifications.title,
    content: () => (
      <Card>
        <NotificationSettings />
      </Card>
    ),
  },
  {
    name: "privacy",
    icon: "shield",
    title: (words) => words.own.privacy,
    content: () => (
      <Card>
        <PrivacySettings />
      </Card>
    ),
  },
  {
    name: "devices",
    icon: "device",
    title: (words) => words.own.devices,
    content: () => (
      <Card>
        <DeviceSettings />
      </Card>
    ),
  },
  {
    name: "two-step",
    icon: "shield",
    title: (words) => words.twoStep.title,
    content: () => (
      <Card>
        <TwoStepLogin />
      </Card>
    ),
  },
  {
    name: "account",
    icon: "lock",
    title: (words) => words.account,
    content: () => (
      <>
        <Card title={text.value.changePassword}>
          <PasswordForm />
        </Card>
        <Card title={text.value.own.data}>
          <DataSettings />
        </Card>
        <Card title={text.value.deleteAccount}>
          <DeletionForm />
        </Card>
      </>
    ),
  },
];

/** Who one is, language and look, the account, the way out. */
export function SettingsPage() {
  const section = SECTIONS.find(({ name }) => name === route.value.section);
  const [error, setError] = useState<unknown>(null);
  const words = text.value;
  const user = me.value;
  return (
    <>
      <nav class="sidebar" aria-label={words.settings}>
        <header class="sidebar-head">
          <h1>{words.settings}</h1>
        </header>
        <div class="scroll">
          {user && (
            <div class="identity">
              <Avatar id={user.id} name={user.displayName} picture={user.avatar} />
              <p>
                <bdi class="identity-name">{user.displayName}</bdi>
                <bdi class="muted">@{user.username}</bdi>
              </p>
            </div>
          )}
          <ul class="rows">
            {SECTIONS.map(({ name, icon, title }) => (
              <li key={name}>
                <a
                  class="side-link"
                  href={pageHref("settings", name)}
                  aria-current={section?.name === name ? "page" : undefined}
                >
                  <Icon name={icon} />
                  {title(words)}
                </a>
              </li>
            ))}
            <li>
              <button type="button" class="side-link danger" onClick={() => logOut().catch(setError)}>
                <Icon name="leave" />
                {words.logOut}
              </button>
            </li>
          </ul>
          {error !== null && <p class="error" role="alert">{tell(error)}</p>}
        </div>
      </nav>
      <main class="pane" id="pane" tabIndex={-1}>
        {section
          ? (
            <>
              <PaneHead title={section.title(words)} />
              <div class="page">{section.content()}</div>
            </>
          )
          : <Notice icon="settings" title={words.chooseSection} />}
      </main>
    </>
  );
}
