import { ImError } from "../../sdk/mod.ts";
import { useEffect, useRef, useState } from "preact/hooks";
import { tell, text } from "../state/settings.ts";
import { fieldOf } from "../text/errors.ts";
import { CodeField } from "./code_field.tsx";
import { Field } from "./field.tsx";

export interface Account {
  username: string;
  password: string;
  displayName?: string;
  /** Of the second factor. */
  code?: string;
}

interface AccountFormProps {
  /** A new account has rules to tell, and may have a display name. */
  isNew: boolean;
  submitLabel: string;
  onSubmit: (account: Account) => Promise<void>;
}

/** As in wire/schemas.ts. */
const MIN_PASSWORD = 8;
const FIELDS = ["username", "password", "displayName", "code"];

export function AccountForm({ isNew, submitLabel, onSubmit }: AccountFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [code, setCode] = useState("");
  /** The password was right, and is not enough. */
  const [asksCode, setAsksCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const at = FIELDS.find((field) => field === fieldOf(error) && (isNew || field !== "displayName"));
  const errorAt = (field: string) => field === at ? tell(error) : undefined;
  useEffect(() => form.current?.querySelector("input")?.focus(), [asksCode]);
  // To where something is to be put right.
  useEffect(() => {
    if (at) form.current?.querySelector<HTMLInputElement>(`[name=${at}]`)?.focus();
  }, [error]);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    const name = displayName.trim();
    try {
      await onSubmit({
        username: username.trim(),
        password,
        ...(isNew && name && { displayName: name }),
        ...(asksCode && { code }),
      });
    } catch (error) {
      const isAsked = error instanceof ImError && error.code === "second_factor_required";
      if (isAsked) setAsksCode(true);
      else setError(error);
      setBusy(false);
    }
  };

  if (asksCode) {
    const again = () => {
      setAsksCode(false);
      setError(null);
      setCode("");
      setPassword("");
    };
    return (
      <form ref={form} class="form" onSubmit={submit}>
        <CodeField hint={text.value.twoStep.ask} error={errorAt("code")} value={code} onText={setCode} />
        {error !== null && at !== "code" && <p class="error" role="alert">{tell(error)}</p>}
        <button type="submit" class="button primary" disabled={busy} aria-busy={busy}>{submitLabel}</button>
        <button type="button" class="button plain" onClick={again}>{text.value.twoStep.back}</button>
      </form>
    );
  }
  return (
    <form ref={form} class="form" onSubmit={submit}>
      <Field
        label={text.value.username}
        hint={isNew ? text.value.usernameHint : undefined}
        error={errorAt("username")}
        value={username}
        onText={setUsername}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellcheck={false}
        maxLength={64}
        required
      />
      <Field
        label={text.value.password}
        hint={isNew ? text.value.atLeast(MIN_PASSWORD) : undefined}
        error={errorAt("password")}
        value={password}
        onText={setPassword}
        name="password"
        type="password"
        autoComplete={isNew ? "new-password" : "current-password"}
        minLength={isNew ? MIN_PASSWORD : undefined}
        maxLength={256}
        required
      />
      {isNew && (
        <Field
          label={text.value.displayName}
          error={errorAt("displayName")}
          value={displayName}
          onText={setDisplayName}
          name="displayName"
          autoComplete="nickname"
          maxLength={64}
        />
      )}
      {error !== null && !at && <p class="error" role="alert">{tell(error)}</p>}
      <button type="submit" class="button primary" disabled={busy} aria-busy={busy}>{submitLabel}</button>
    </form>
  );
}
