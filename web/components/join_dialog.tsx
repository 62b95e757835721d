import { useEffect, useState } from "preact/hooks";
import type { Output } from "../../sdk/mod.ts";
import { put } from "../state/conversations.ts";
import { closeChat, joinCode, openChat } from "../state/route.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { toast } from "../state/toasts.ts";
import { Avatar } from "./avatar.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { FormDialog } from "./form_dialog.tsx";
import { Failure, Loading } from "./notice.tsx";

type Preview = Output<"group.preview">;

/** Where a link leads: which group it is, and the way in. */
export function JoinDialog({ code }: { code: string }) {
  const [preview, setPreview] = useState<Preview | null>(null);
  const [error, setError] = useState<unknown>(null);
  const words = text.value.groups;
  const load = () => {
    setError(null);
    // It may be the first thing a page does, before there is a connection.
    client.online().then(() => client.call("group.preview", { code })).then(setPreview, setError);
  };
  useEffect(load, [code]);
  // Where one has come in, the address says so already.
  const close = () => joinCode.peek() === code && closeChat();
  if (preview) return <Invitation code={code} preview={preview} onClose={close} />;
  return (
    <Dialog title={words.joinTitle} onClose={close}>
      {error === null ? <Loading /> : <Failure message={tell(error)} onRetry={load} />}
    </Dialog>
  );
}

interface InvitationProps {
  code: string;
  preview: Preview;
  onClose: () => void;
}

function Invitation({ code, preview, onClose }: InvitationProps) {
  const [note, setNote] = useState("");
  const words = text.value.groups;
  const { title, avatar, description, memberCount, approval } = preview;
  const join = async () => {
    const { state, conversation } = await client.call("group.join", {
      code,
      ...(approval && note.trim() !== "" && { note: note.trim() }),
    });
    if (conversation) {
      joinCode.value = null;
      put([conversation]);
      openChat(conversation.id);
    }
    if (state === "requested") toast(words.joinAsked);
  };
  return (
    <FormDialog
      title={words.joinTitle}
      action={approval ? words.askToJoin : words.join}
      onSubmit={join}
      onClose={onClose}
    >
      <div class="face">
        <Avatar id={code} name={title} group picture={avatar} size="large" />
        <h3>
          <bdi>{title}</bdi>
        </h3>
        <p class="muted">{text.value.members(memberCount)}</p>
        {description && <p class="bio" dir="auto">{description}</p>}
      </div>
      {approval && (
        <>
          <p class="hint">{words.approvalNote}</p>
          <Field label={words.words} value={note} onText={setNote} maxLength={200} />
        </>
      )}
    </FormDialog>
  );
}
