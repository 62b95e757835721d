import { useState } from "preact/hooks";
import { uuidV7 } from "../../sdk/mod.ts";
import { attempt } from "../state/attempt.ts";
import { conversations } from "../state/conversations.ts";
import type { MessageDialog } from "../state/message_dialog.ts";
import { conversationName } from "../state/naming.ts";
import { personOf } from "../state/people.ts";
import { stopSelecting } from "../state/selection.ts";
import { client } from "../state/server.ts";
import { text } from "../state/settings.ts";
import { Avatar } from "./avatar.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { Toggle } from "./toggle.tsx";

/** Chooses where messages go on to. */
export function ForwardDialog(
  { conversationId, message, all = [message], onClose }: MessageDialog & { onClose: () => void },
) {
  const [merged, setMerged] = useState(false);
  const [query, setQuery] = useState("");
  const [busy, setBusy] = useState<string | null>(null);
  const words = text.value.message;
  const wanted = query.trim().toLowerCase();
  const found = conversations.value.filter((one) => conversationName(one).toLowerCase().includes(wanted));
  const forward = async (to: string) => {
    setBusy(to);
    const input = {
      conversationId: to,
      clientId: uuidV7(),
      fromConversationId: conversationId,
      seqs: all.map(({ seq }) => seq),
      merged,
    };
    const done = await attempt(
      () => client.call("message.forward", input),
      () => words.forwarded(all.length),
    );
    setBusy(null);
    if (!done) return;
    stopSelecting();
    onClose();
  };
  return (
    <Dialog title={words.forwardTo} onClose={onClose}>
      <Field label={words.findChat} type="search" value={query} onText={setQuery} maxLength={64} autofocus />
      {all.length > 1 && <Toggle label={words.asOne} checked={merged} onToggle={setMerged} />}
      <ul class="rows picker-found" aria-label={text.value.conversations}>
        {found.map((one) => {
          const name = conversationName(one);
          const picture = one.peer ? personOf(one.peer.id)?.avatar : one.avatar;
          return (
            <li key={one.id}>
              <button type="button" class="row" disabled={busy !== null} onClick={() => forward(one.id)}>
                <Avatar
                  id={one.peer?.id ?? one.id}
                  name={name}
                  group={one.type === "group"}
                  picture={picture}
                />
                <span class="row-text">
                  <bdi class="row-name">{name}</bdi>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {found.length === 0 && <p class="section-empty">{text.value.noConversations}</p>}
    </Dialog>
  );
}
