import { useEffect, useRef, useState } from "preact/hooks";
import { ImError } from "../../sdk/mod.ts";
import {
  archived,
  conversations,
  listed,
  listState,
  loadMore,
  moreCursor,
  syncConversations,
} from "../state/conversations.ts";
import { tell, text } from "../state/settings.ts";
import { ConversationRow } from "./conversation_row.tsx";
import { Icon } from "./icon.tsx";
import { Failure, Loading, Notice } from "./notice.tsx";

export function ConversationList() {
  const [isArchive, setArchive] = useState(false);
  const state = listState.value;
  if (state === "loading") return <Loading />;
  if (state instanceof ImError) return <Failure message={tell(state)} onRetry={() => syncConversations()} />;
  const { noConversations, noConversationsHint } = text.value;
  if (conversations.value.length === 0) return <Notice title={noConversations} hint={noConversationsHint} />;
  return isArchive ? <Archive onBack={() => setArchive(false)} /> : (
    <div class="scroll">
      {archived.value.length > 0 && (
        <button
          type="button"
          class="archive-line"
          onClick={() => setArchive(true)}
        >
          <Icon name="archive" />
          <span>{text.value.archived}</span>
          <span class="muted">{archived.value.length}</span>
        </button>
      )}
      <ul class="rows" data-testid="conversation-list">
        {listed.value.map((one) => <ConversationRow key={one.id} conversation={one} />)}
      </ul>
      {moreCursor.value !== null && <More />}
    </div>
  );
}

/** What one has put away, in place of the list. */
function Archive({ onBack }: { onBack: () => void }) {
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
  return (
    <div class="scroll" data-testid="archive">
      <button type="button" class="archive-line" ref={back} onClick={onBack}>
        <Icon name="back" />
        <span>{text.value.archived}</span>
      </button>
      {archived.value.length === 0 && <p class="section-empty">{text.value.noArchived}</p>}
      <ul class="rows" aria-label={text.value.archived}>
        {archived.value.map((one) => <ConversationRow key={one.id} conversation={one} />)}
      </ul>
      {moreCursor.value !== null && <More />}
    </div>
  );
}

function More() {
  const [busy, setBusy] = useState(false);
  const more = () => {
    setBusy(true);
    // A failure leaves the button there, to be pressed again.
    loadMore().catch(() => {}).finally(() => setBusy(false));
  };
  return (
    <button type="button" class="button plain" disabled={busy} onClick={more}>{text.value.loadMore}</button>
  );
}
