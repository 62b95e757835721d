import { useState } from "preact/hooks";
import type { User } from "../../sdk/mod.ts";
import { put } from "../state/conversations.ts";
import { openChat } from "../state/route.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { PeoplePicker } from "./people_picker.tsx";

export function NewGroup({ onClose }: { onClose: () => void }) {
  const [title, setTitle] = useState("");
  const [picked, setPicked] = useState<User[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { newGroup, groupTitle, createGroup } = text.value;

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const memberIds = picked.map(({ id }) => id);
      const group = await client.call("group.create", { title: title.trim(), memberIds });
      put([group]);
      openChat(group.id);
      onClose();
    } catch (error) {
      setError(error);
      setBusy(false);
    }
  };

  return (
    <Dialog title={newGroup} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <Field label={groupTitle} value={title} onText={setTitle} maxLength={100} required autofocus />
        <PeoplePicker picked={picked} onChange={setPicked} />
        {error !== null && <p class="error" role="alert">{tell(error)}</p>}
        <button type="submit" class="button primary" disabled={busy || title.trim() === ""} aria-busy={busy}>
          {createGroup}
        </button>
      </form>
    </Dialog>
  );
}
