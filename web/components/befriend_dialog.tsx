import { useState } from "preact/hooks";
import type { User } from "../../sdk/mod.ts";
import { befriend } from "../state/friends.ts";
import { callOf } from "../state/naming.ts";
import { text } from "../state/settings.ts";
import { toast } from "../state/toasts.ts";
import { Field } from "./field.tsx";
import { FormDialog } from "./form_dialog.tsx";

/** Asks somebody to be friends, with a few words. */
export function BefriendDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const [words, setWords] = useState("");
  const t = text.value.contacts;
  const name = callOf(user);
  const submit = async () => {
    toast(await befriend(user.id, words) ? t.nowFriends(name) : t.asked(name));
  };
  return (
    <FormDialog title={t.addOf(name)} action={t.askFriend} onSubmit={submit} onClose={onClose}>
      <Field label={t.words} value={words} onText={setWords} maxLength={200} autofocus />
    </FormDialog>
  );
}
