import { useEffect } from "preact/hooks";
import { type Conversation, ImError } from "../../sdk/mod.ts";
import type { Chat } from "../state/chat.ts";
import { conversationOf } from "../state/conversations.ts";
import { lookedAt } from "../state/lightbox.ts";
import { messageLine, personName } from "../state/naming.ts";
import { offered, withdrawFiles } from "../state/offered_files.ts";
import { arrive, chatId, chatSeq } from "../state/route.ts";
import { selection } from "../state/selection.ts";
import { tell, text } from "../state/settings.ts";
import { toastError } from "../state/toasts.ts";
import { ChatHead } from "./chat_head.tsx";
import { lazy } from "./lazy.tsx";
import { messageDialog } from "../state/message_dialog.ts";
import { PinnedBar } from "./pinned_bar.tsx";
import { Composer } from "./composer.tsx";
import { DropZone } from "./drop_zone.tsx";
import { MessageList } from "./message_list.tsx";
import { Failure, Loading, Notice } from "./notice.tsx";
import { Silenced } from "./silenced.tsx";
import { useMarkRead } from "./use_mark_read.ts";

const Lightbox = lazy(() => import("./lightbox.tsx").then((module) => module.Lightbox));
const MessageDialogs = lazy(() => import("./message_dialogs.tsx").then((module) => module.MessageDialogs));
const SelectionBar = lazy(() => import("./selection_bar.tsx").then((module) => module.SelectionBar));
const SendFiles = lazy(() => import("./send_files.tsx").then((module) => module.SendFiles));

export function ChatPane({ chat }: { chat: Chat }) {
  const conversation = conversationOf(chat.id);
  const state = chat.state.value;
  const isGone = state === "ready"
    ? !conversation
    : state instanceof ImError && state.code.endsWith("not_found");
  if (isGone) {
    return (
      <>
        <ChatHead />
        <Notice icon="warning" title={text.value.conversationGone} hint={text.value.conversationGoneHint} />
      </>
    );
  }
  return (
    <>
      <ChatHead conversation={conversation} />
      {state === "loading" && <Loading />}
      {state instanceof ImError && <Failure message={tell(state)} onRetry={() => chat.load()} />}
      {state === "ready" && conversation && <OpenChat chat={chat} conversation={conversation} />}
    </>
  );
}

/** Goes to the message that the address points at. */
function useAddress(chat: Chat): void {
  // The one before is still shown for a moment.
  const seq = chatId.value === chat.id ? chatSeq.value : null;
  useEffect(() => {
    if (seq === null) return;
    arrive();
    chat.jumpTo(seq).catch((error) => toastError(tell(error)));
  }, [seq]);
}

function OpenChat({ chat, conversation }: { chat: Chat; conversation: Conversation }) {
  useAddress(chat);
  const atBottom = useMarkRead(chat);
  const arrived = chat.arrived.value;
  // Whoever goes elsewhere did not want the files here.
  useEffect(() => withdrawFiles, []);
  return (
    <>
      <PinnedBar chat={chat} />
      <MessageList chat={chat} isGroup={conversation.type === "group"} atBottom={atBottom} />
      <p class="hidden" aria-live="polite" data-testid="announcer">
        {arrived.map((one) => text.value.says(personName(one.senderId), messageLine(one))).join(" ")}
      </p>
      {selection.value
        ? <SelectionBar conversationId={chat.id} messages={selection.value} />
        : (
          <Silenced conversation={conversation}>
            <Composer chat={chat} />
            <DropZone conversationId={chat.id} />
          </Silenced>
        )}
      {offered.value?.conversationId === chat.id && <SendFiles offer={offered.value} />}
      {lookedAt.value !== null && <Lightbox />}
      {messageDialog.value && <MessageDialogs />}
    </>
  );
}
