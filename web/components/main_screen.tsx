import { useEffect } from "preact/hooks";
import { chat, showChat } from "../state/chat.ts";
import { chatId } from "../state/route.ts";
import { text } from "../state/settings.ts";
import { ConnectionBanner } from "./connection_banner.tsx";
import { ChatPane } from "./chat_pane.tsx";
import { Notice } from "./notice.tsx";
import { Sidebar } from "./sidebar.tsx";

/** The list and the chat: beside each other where there is room, else one of them. */
export function MainScreen() {
  const id = chatId.value;
  useEffect(() => showChat(id), [id]);
  const open = chat.value;
  return (
    <div class={`layout ${id === null ? "shows-list" : "shows-chat"}`}>
      <a class="skip" href="#chat-pane" onClick={skip}>{text.value.skipToChat}</a>
      <ConnectionBanner />
      <Sidebar />
      <main class="pane" id="chat-pane" tabIndex={-1}>
        {open
          ? <ChatPane key={open.id} chat={open} />
          : <Notice title={text.value.chooseConversation} hint={text.value.chooseConversationHint} />}
      </main>
    </div>
  );
}

/** The address holds which chat is open, so the jump is made without it. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("chat-pane")?.focus();
}
