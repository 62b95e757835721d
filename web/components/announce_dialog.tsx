import { useState } from "preact/hooks";
import type { Group } from "../state/group_rights.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { FormDialog } from "./form_dialog.tsx";
import { TextArea } from "./text_area.tsx";

/** Writes a group's announcement anew. */
export function AnnounceDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const [announcement, setAnnouncement] = useState(group.announcement?.text ?? "");
  const words = text.value.groups;
  const submit = () => client.call("group.announce", { conversationId: group.id, text: announcement.trim() });
  return (
    <FormDialog title={words.writeAnnouncement} action={words.announce} onSubmit={submit} onClose={onClose}>
      <TextArea
        label={words.announcement}
        hint={words.announceHint}
        value={announcement}
        onText={setAnnouncement}
        maxLength={4000}
        rows={6}
        autofocus
      />
    </FormDialog>
  );
}
