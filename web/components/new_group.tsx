import { useState } from "preact/hooks";
import type { User } from "../../sdk/mod.ts";
import { put } from "../state/conversations.ts";
import { openChat } from "../state/route.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { Field } from "./field.tsx";
import { FormDialog } from "./form_dialog.tsx";
import { GroupPicture } from "./group_picture.tsx";
import { PeoplePicker } from "./people_picker.tsx";

/** Makes a group: its picture, its name, and who is in it besides oneself. */
export function NewGroup({ onClose }: { onClose: () => void }) {
  const [avatar, setAvatar] = useState("");
  const [title, setTitle] = useState("");
  const [picked, setPicked] = useState<User[]>([]);
  const { newGroup, groupTitle, createGroup } = text.value;
  const submit = async () => {
    const group = await client.call("group.create", {
      title: title.trim(),
      memberIds: picked.map(({ id }) => id),
      ...(avatar !== "" && { avatar }),
    });
    put([group]);
    openChat(group.id);
  };
  return (
    <FormDialog
      title={newGroup}
      action={createGroup}
      disabled={title.trim() === ""}
      onSubmit={submit}
      onClose={onClose}
    >
      <GroupPicture id="new" name={title} picture={avatar} onChange={setAvatar} />
      <Field label={groupTitle} value={title} onText={setTitle} maxLength={100} required autofocus />
      <PeoplePicker picked={picked} onChange={setPicked} />
    </FormDialog>
  );
}
