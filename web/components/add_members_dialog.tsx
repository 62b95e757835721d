import { useState } from "preact/hooks";
import type { User } from "../../sdk/mod.ts";
import type { Group } from "../state/group_rights.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { toast } from "../state/toasts.ts";
import { FormDialog } from "./form_dialog.tsx";
import { PeoplePicker } from "./people_picker.tsx";

/** Adds people to a group that is there. */
export function AddMembersDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const [picked, setPicked] = useState<User[]>([]);
  const words = text.value.groups;
  const submit = async () => {
    const memberIds = picked.map(({ id }) => id);
    const { added } = await client.call("group.addMembers", { conversationId: group.id, memberIds });
    toast(added.length === memberIds.length ? words.added(added.length) : words.someNotAdded);
  };
  return (
    <FormDialog
      title={words.addMembers}
      action={words.add}
      disabled={picked.length === 0}
      onSubmit={submit}
      onClose={onClose}
    >
      <PeoplePicker picked={picked} onChange={setPicked} />
    </FormDialog>
  );
}
