import { useState } from "preact/hooks";
import type { Group } from "../state/group_rights.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { Field } from "./field.tsx";
import { FormDialog } from "./form_dialog.tsx";
import { GroupPicture } from "./group_picture.tsx";
import { TextArea } from "./text_area.tsx";

/** A group's picture, name and description; only what was changed is sent. */
export function EditGroupDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const [avatar, setAvatar] = useState(group.avatar ?? "");
  const [title, setTitle] = useState(group.title);
  const [description, setDescription] = useState(group.description);
  const words = text.value.groups;
  const submit = async () => {
    await client.call("group.update", {
      conversationId: group.id,
      ...(avatar !== (group.avatar ?? "") && { avatar }),
      ...(title.trim() !== group.title && { title: title.trim() }),
      ...(description.trim() !== group.description && { description: description.trim() }),
    });
  };
  return (
    <FormDialog
      title={words.editTitle}
      action={text.value.save}
      disabled={title.trim() === ""}
      onSubmit={submit}
      onClose={onClose}
    >
      <GroupPicture id={group.id} name={title} picture={avatar} onChange={setAvatar} />
      <Field label={text.value.groupTitle} value={title} onText={setTitle} maxLength={100} required />
      <TextArea
        label={words.description}
        value={description}
        onText={setDescription}
        maxLength={1000}
        rows={3}
      />
    </FormDialog>
  );
}
