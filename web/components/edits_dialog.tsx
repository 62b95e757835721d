import { useEffect, useState } from "preact/hooks";
import type { Entry } from "../../sdk/mod.ts";
import type { MessageDialog } from "../state/message_dialog.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { fullTime } from "../state/time.ts";
import { Dialog } from "./dialog.tsx";
import { MessageContent } from "./message_content.tsx";
import { Loading } from "./notice.tsx";

/** Every text that a message had, the newest first. */
export function EditsDialog(
  { conversationId, message: { seq }, onClose }: MessageDialog & { onClose: () => void },
) {
  const [entries, setEntries] = useState<Entry[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const words = text.value.message;
  useEffect(() => {
    client.call("message.edits", { conversationId, seq }).then(
      ({ entries }) => setEntries(entries),
      setError,
    );
  }, []);
  return (
    <Dialog title={words.edits} onClose={onClose}>
      {error !== null && <p class="error" role="alert">{tell(error)}</p>}
      {entries === null && error === null && <Loading />}
      <ol class="versions" data-testid="versions">
        {entries?.toReversed().map((entry) => (
          <li key={entry.seq}>
            <time class="muted" dateTime={new Date(entry.at).toISOString()}>{fullTime(entry.at)}</time>
            <MessageContent content={contentOf(entry)} />
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

/** An edit has the new content in its own. */
function contentOf({ kind, content }: Entry): Record<string, unknown> {
  const edited = content.content;
  return kind === "message.edited" && typeof edited === "object" && edited !== null
    ? edited as Record<string, unknown>
    : content;
}
