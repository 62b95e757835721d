import { useState } from "preact/hooks";
import { ImError } from "../../sdk/mod.ts";
import { conversations, listState, loadMore, moreCursor, syncConversations } from "../state/conversations.ts";
import { tell, text } from "../state/settings.ts";
import { ConversationRow } from "./conversation_row.tsx";
import { Failure, Loading, Notice } from "./notice.tsx";

export function ConversationList() {
  const state = listState.value;
  if (state === "loading") return <Loading />;
  if (state instanceof ImError) return <Failure message={tell(state)} onRetry={() => syncConversations()} />;
  const { noConversations, noConversationsHint } = text.value;
  if (conversations.value.length === 0) return <Notice title={noConversations} hint={noConversationsHint} />;
  return (
    <div class="scroll">
      <ul class="rows" data-testid="conversation-list">
        {conversations.value.map((one) => <ConversationRow key={one.id} conversation={one} />)}
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
