import { useState } from "preact/hooks";
import type { Group } from "../state/group_rights.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { Field } from "./field.tsx";
import { FormDialog } from "./form_dialog.tsx";
import { Icon } from "./icon.tsx";

/** What one is called in a group oneself. */
export function MyNickname({ group }: { group: Group }) {
  const [edits, setEdits] = useState(false);
  const words = text.value.groups;
  return (
    <>
      <button type="button" class="side-link" onClick={() => setEdits(true)}>
        <Icon name="card" />
        <span class="grow">{words.nickname}</span>
        <bdi class="side-value">{group.myNickname ?? words.nicknameNone}</bdi>
      </button>
      {edits && <NicknameDialog group={group} onClose={() => setEdits(false)} />}
    </>
  );
}

function NicknameDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const [nickname, setNickname] = useState(group.myNickname ?? "");
  const words = text.value.groups;
  const submit = () =>
    client.call("group.setNickname", { conversationId: group.id, nickname: nickname.trim() });
  return (
    <FormDialog title={words.nickname} action={text.value.save} onSubmit={submit} onClose={onClose}>
      <Field
        label={words.nickname}
        hint={words.nicknameHint}
        value={nickname}
        onText={setNickname}
        maxLength={64}
        autofocus
      />
    </FormDialog>
  );
}
