import { useEffect, useRef, useState } from "preact/hooks";
import { tell, text } from "../state/settings.ts";
import { fieldOf } from "../text/errors.ts";
import { Field } from "./field.tsx";

export interface Account {
  username: string;
  password: string;
  displayName?: string;
}

interface AccountFormProps {
  /** A new account has rules to tell, and may have a display name. */
  isNew: boolean;
  submitLabel: string;
  onSubmit: (account: Account) => Promise<void>;
}

/** As in wire/schemas.ts. */
const MIN_PASSWORD = 8;
const FIELDS = ["username", "password", "displayName"];

export function AccountForm({ isNew, submitLabel, onSubmit }: AccountFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const at = FIELDS.find((field) => field === fieldOf(error) && (isNew || field !== "displayName"));
  const errorAt = (field: string) => field === at ? tell(error) : undefined;
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
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
      await onSubmit({ username: username.trim(), password, ...(isNew && name && { displayName: name }) });
    } catch (error) {
      setError(error);
      setBusy(false);
    }
  };

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
