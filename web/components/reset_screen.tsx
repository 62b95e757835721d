import { useState } from "preact/hooks";
import { goHome } from "../state/route.ts";
import { resetPassword } from "../state/session.ts";
import { tell, text } from "../state/settings.ts";
import { fieldOf } from "../text/errors.ts";
import { Field } from "./field.tsx";
import { Doorway } from "./guest_screen.tsx";

/** As in wire/schemas.ts. */
const MIN_PASSWORD = 8;

/** Where the link leads that an admin hands to somebody who has no password any more. */
export function ResetScreen({ token }: { token: string }) {
  const words = text.value.reset;
  return (
    <Doorway title={words.title}>
      {token === ""
        ? (
          <>
            <p class="hint">{words.noToken}</p>
            <button type="button" class="button" onClick={goHome}>{text.value.toStart}</button>
          </>
        )
        : <PasswordForm token={token} />}
    </Doorway>
  );
}

function PasswordForm({ token }: { token: string }) {
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isAboutIt = fieldOf(error) === "password";
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await resetPassword({ token, password });
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <form class="form" onSubmit={submit}>
      <Field
        label={text.value.newPassword}
        hint={text.value.atLeast(MIN_PASSWORD)}
        error={isAboutIt ? tell(error) : undefined}
        value={password}
        onText={setPassword}
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={MIN_PASSWORD}
        maxLength={256}
        required
        autofocus
      />
      {error !== null && !isAboutIt && <p class="error" role="alert">{tell(error)}</p>}
      <button type="submit" class="button primary" disabled={busy} aria-busy={busy}>
        {text.value.reset.done}
      </button>
    </form>
  );
}
