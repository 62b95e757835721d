import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { joinCode } from "../state/route.ts";
import { logIn, register, wasEnded } from "../state/session.ts";
import { text } from "../state/settings.ts";
import { AccountForm } from "./account_form.tsx";
import { LanguageChoice } from "./choices.tsx";
import { Icon } from "./icon.tsx";
import { OtherLogin } from "./other_login.tsx";

/** The frame of every page that is seen before logging in. */
export function Doorway({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="doorway">
      <main class="door">
        <p class="brand">
          <span class="brand-mark">
            <Icon name="chat" />
          </span>
          IMServer
        </p>
        <h1>{title}</h1>
        {children}
      </main>
      <footer class="door-foot">
        <LanguageChoice />
      </footer>
    </div>
  );
}

export function GuestScreen() {
  const [isNew, setIsNew] = useState(false);
  return (
    <Doorway title={isNew ? text.value.register : text.value.logIn}>
      {wasEnded.value
        ? <p class="hint" role="status">{text.value.sessionEnded}</p>
        : <p class="hint">{joinCode.value ? text.value.groups.joinFirst : text.value.welcome}</p>}
      <AccountForm
        key={String(isNew)}
        isNew={isNew}
        submitLabel={isNew ? text.value.register : text.value.logIn}
        onSubmit={isNew ? register : logIn}
      />
      <OtherLogin />
      <button type="button" class="button plain" onClick={() => setIsNew(!isNew)}>
        {isNew ? text.value.toLogIn : text.value.toRegister}
      </button>
    </Doorway>
  );
}
