import { useState } from "preact/hooks";
import type { User } from "../../sdk/mod.ts";
import { befriend } from "../state/friends.ts";
import { callOf } from "../state/naming.ts";
import { tell, text } from "../state/settings.ts";
import { toast } from "../state/toasts.ts";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";

/** Asks somebody to be friends, with a few words. */
export function BefriendDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const t = text.value.contacts;
  const name = callOf(user);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      toast(await befriend(user.id, words) ? t.nowFriends(name) : t.asked(name));
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t.addOf(name)} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <Field label={t.words} value={words} onText={setWords} maxLength={200} autofocus />
        {error !== null && <p class="error" role="alert">{tell(error)}</p>}
        <button type="submit" class="button primary" disabled={busy} aria-busy={busy}>{t.askFriend}</button>
      </form>
    </Dialog>
  );
}
