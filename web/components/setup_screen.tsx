import { goHome } from "../state/route.ts";
import { setUp } from "../state/session.ts";
import { text } from "../state/settings.ts";
import { AccountForm } from "./account_form.tsx";
import { Doorway } from "./guest_screen.tsx";

/** Where the admin link of the first run leads. */
export function SetupScreen({ token }: { token: string }) {
  if (token === "") {
    return (
      <Doorway title={text.value.setupNoToken}>
        <p class="hint">{text.value.setupNoTokenHint}</p>
        <button type="button" class="button" onClick={goHome}>{text.value.toStart}</button>
      </Doorway>
    );
  }
  return (
    <Doorway title={text.value.setupTitle}>
      <p class="hint">{text.value.setupHint}</p>
      <AccountForm
        isNew
        submitLabel={text.value.setupDone}
        onSubmit={(account) => setUp({ ...account, token })}
      />
    </Doorway>
  );
}
