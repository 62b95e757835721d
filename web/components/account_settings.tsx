import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { readSelf, self, setPassword, setUsername, updateProfile } from "../state/account.ts";
import { deleteAccount } from "../state/session.ts";
import { tell, text } from "../state/settings.ts";
import { fieldOf } from "../text/errors.ts";
import { Field } from "./field.tsx";

/** As in wire/schemas.ts. */
const MIN_PASSWORD = 8;

interface FormProps {
  label: string;
  /** What to say when it is done. */
  done?: string;
  danger?: boolean;
  onSubmit: () => Promise<unknown>;
  /** The fields; told what is wrong at which. */
  children: (errorAt: (field: string) => string | undefined) => ComponentChildren;
  fields: string[];
}

/** A form with one button, which says what is wrong and when it is done. */
export function Form({ label, done, danger, onSubmit, children, fields }: FormProps) {
  const [state, setState] = useState<"idle" | "busy" | "done">("idle");
  const [error, setError] = useState<unknown>(null);
  const at = fields.find((field) => field === fieldOf(error));
  const submit = async (event: Event) => {
    event.preventDefault();
    setState("busy");
    setError(null);
    try {
      await onSubmit();
      setState("done");
    } catch (problem) {
      setError(problem);
      setState("idle");
    }
  };
  return (
    <form onSubmit={submit}>
      {children((field) => field === at ? tell(error) : undefined)}
      {error !== null && !at && <p class="error" role="alert">{tell(error)}</p>}
      {state === "done" && done && <p class="hint" role="status">{done}</p>}
      <button type="submit" class={danger ? "button danger" : "button"} disabled={state === "busy"}>
        {label}
      </button>
    </form>
  );
}

export function ProfileForm() {
  const [profile, setProfile] = useState<{ displayName: string; bio: string } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const { displayName, bio, save, saved, loading } = text.value;
  if (error !== null) return <p class="error" role="alert">{tell(error)}</p>;
  if (profile === null) {
    readSelf().then(({ displayName, bio = "" }) => setProfile({ displayName, bio }), setError);
    return <p class="hint">{loading}</p>;
  }
  return (
    <Form
      label={save}
      done={saved}
      onSubmit={() => updateProfile(profile)}
      fields={["displayName", "bio"]}
    >
      {(errorAt) => (
        <>
          <Field
            label={displayName}
            error={errorAt("displayName")}
            value={profile.displayName}
            onText={(value) => setProfile({ ...profile, displayName: value })}
            name="displayName"
            maxLength={64}
            required
          />
          <Field
            label={bio}
            error={errorAt("bio")}
            value={profile.bio}
            onText={(value) => setProfile({ ...profile, bio: value })}
            name="bio"
            maxLength={1000}
          />
        </>
      )}
    </Form>
  );
}

export function UsernameForm() {
  const [typed, setTyped] = useState<string | null>(null);
  const { changeUsername, usernameChanged } = text.value.own;
  return (
    <Form
      label={changeUsername}
      done={usernameChanged}
      onSubmit={async () => {
        if (typed !== null) await setUsername(typed.trim());
        setTyped(null);
      }}
      fields={["username"]}
    >
      {(errorAt) => (
        <Field
          label={text.value.username}
          hint={text.value.usernameHint}
          error={errorAt("username")}
          value={typed ?? self.value?.username ?? ""}
          onText={setTyped}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellcheck={false}
          maxLength={64}
          required
        />
      )}
    </Form>
  );
}

export function PasswordForm() {
  const [oldPassword, setOld] = useState("");
  const [newPassword, setNew] = useState("");
  const t = text.value;
  const submit = async () => {
    await setPassword({ oldPassword, newPassword });
    setOld("");
    setNew("");
  };
  return (
    <Form
      label={t.changePassword}
      done={t.passwordChanged}
      onSubmit={submit}
      fields={["oldPassword", "newPassword"]}
    >
      {(errorAt) => (
        <>
          <Field
            label={t.oldPassword}
            error={errorAt("oldPassword")}
            value={oldPassword}
            onText={setOld}
            type="password"
            autoComplete="current-password"
            maxLength={256}
            required
          />
          <Field
            label={t.newPassword}
            error={errorAt("newPassword")}
            value={newPassword}
            onText={setNew}
            type="password"
            autoComplete="new-password"
            minLength={MIN_PASSWORD}
            maxLength={256}
            required
          />
        </>
      )}
    </Form>
  );
}

export function DeletionForm() {
  const [password, setPassword] = useState("");
  const t = text.value;
  return (
    <Form label={t.deleteForGood} danger onSubmit={() => deleteAccount(password)} fields={["password"]}>
      {(errorAt) => (
        <Field
          label={t.oldPassword}
          hint={t.deleteHint}
          error={errorAt("password")}
          value={password}
          onText={setPassword}
          type="password"
          autoComplete="current-password"
          maxLength={256}
          required
        />
      )}
    </Form>
  );
}
