import { useId, useState } from "preact/hooks";
import { Dialog } from "../components/dialog.tsx";
import { tell } from "../state/settings.ts";
import { toast } from "../state/toasts.ts";
import { call } from "./call.ts";
import type { Group } from "./groups.tsx";
import { words } from "./words.ts";

/** As in wire/operations/admin.ts. */
const MAX_TEXT = 4000;
const MAX_PEOPLE = 1000;

/** To everyone, or to the members of a group. What is pressed here is not taken back, so the dialog itself asks. */
export function AnnounceDialog({ group, onClose }: { group?: Group; onClose: () => void }) {
  const [content, setContent] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const id = useId();
  const w = words.value;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const userIds = group && await membersOf(group);
      await call("admin.broadcast", { text: content.trim(), ...(userIds ? { userIds } : {}) });
      toast(w.announced);
      onClose();
    } catch (problem) {
      setError(problem instanceof TooMany ? w.tooManyMembers(MAX_PEOPLE) : tell(problem));
      setBusy(false);
    }
  };
  return (
    <Dialog title={group ? `${w.tellMembers}: ${group.title}` : w.announceAsk} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <p class="muted">{w.announceHint}</p>
        <div class="field">
          <label for={id}>{w.announcementText}</label>
          <textarea
            id={id}
            rows={4}
            maxLength={MAX_TEXT}
            required
            value={content}
            onInput={(event) => setContent(event.currentTarget.value)}
          />
        </div>
        {error !== null && <p class="error" role="alert">{error}</p>}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>{w.cancel}</button>
          <button
            type="submit"
            class="button primary"
            disabled={busy || content.trim() === ""}
            aria-busy={busy}
          >
            {w.announce}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

class TooMany extends Error {}

async function membersOf({ id: conversationId }: Group): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await call("admin.members", { conversationId, cursor, limit: 200 });
    ids.push(...page.members.map(({ user }) => user.id));
    if (ids.length > MAX_PEOPLE) throw new TooMany();
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
}
