import { useState } from "preact/hooks";
import type { Conversation, ViewMessage } from "../../sdk/mod.ts";
import type { Chat } from "../state/chat.ts";
import { conversationOf } from "../state/conversations.ts";
import { openMenu } from "../state/menu.ts";
import { isGone, menuOf } from "../state/message_actions.ts";
import { messageDialog } from "../state/message_dialog.ts";
import { messageLine, personName } from "../state/naming.ts";
import { me, personOf } from "../state/people.ts";
import { selection, toggleSelected } from "../state/selection.ts";
import { text } from "../state/settings.ts";
import { clockTime, fullTime } from "../state/time.ts";
import type { MessageLine } from "../state/timeline.ts";
import { speaksTo } from "../text/mentions_in.ts";
import { Avatar } from "./avatar.tsx";
import { MessageContent } from "./message_content.tsx";
import { Icon } from "./icon.tsx";
import { MessageTools } from "./message_tools.tsx";
import { Quote } from "./quote.tsx";
import { Reactions } from "./reactions.tsx";
import { Ticks } from "./ticks.tsx";

interface MessageProps extends Omit<MessageLine, "kind" | "key"> {
  chat: Chat;
  /** It was gone to: marked for a moment. */
  highlighted: boolean;
  /** In groups the first of a row of messages says who speaks. */
  showsSender: boolean;
}

export function Message(props: MessageProps) {
  const { chat, message, quoted, replyTo, isMine, startsGroup, showsSender, highlighted } = props;
  const conversation = conversationOf(chat.id);
  const { seq, senderId, at, content, editedAt, reactions } = message;
  // Only then are there tools beside it: most messages are scrolled past.
  const [wasNear, setWasNear] = useState(false);
  const comeNear = () => setWasNear(true);
  const sender = isMine ? text.value.you : personName(senderId);
  return (
    <li
      class={`message ${isMine ? "mine" : "theirs"} ${startsGroup ? "starts" : ""} ${
        highlighted ? "flash" : ""
      } ${!isMine && speaksTo(content, me.value?.id) ? "to-me" : ""}`}
      data-testid="message"
      data-seq={seq}
      tabIndex={-1}
      onPointerEnter={comeNear}
      onFocusIn={comeNear}
      onContextMenu={(event) => conversation && onMenu(event, conversation, message)}
    >
      {selection.value && (
        <input
          type="checkbox"
          class="select-box"
          aria-label={text.value.says(sender, messageLine(message))}
          checked={selection.value.some((one) => one.seq === seq)}
          onChange={() => toggleSelected(chat.id, message)}
        />
      )}
      {showsSender && <Avatar id={senderId} name={sender} picture={personOf(senderId)?.avatar} />}
      <div class="bubble">
        {showsSender
          ? <bdi class="sender">{sender}</bdi>
          : <span class="hidden">{text.value.says(sender, "")}</span>}
        {replyTo !== undefined && <Quote chat={chat} seq={replyTo} message={quoted} />}
        <MessageContent content={content} />
        <span class="stamp">
          {message.pinnedAt !== undefined && (
            <>
              <Icon name="pin" />
              <span class="hidden">{text.value.pinned}</span>
            </>
          )}
          {editedAt !== undefined && <EditedMark chat={chat} message={message} at={editedAt} />}
          <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>{clockTime(at)}</time>
          {isMine && !isGone(message) && conversation && (
            <Ticks conversation={conversation} message={message} />
          )}
        </span>
        {conversation && wasNear && <MessageTools conversation={conversation} message={message} />}
      </div>
      {reactions.length > 0 && <Reactions conversationId={chat.id} message={message} />}
    </li>
  );
}

/** In place of the browser's menu, but for what has one of its own: a link, chosen words, a picture. */
function onMenu(event: MouseEvent, conversation: Conversation, message: ViewMessage): void {
  const target = event.target as Element;
  if (target.closest("a, img, video, audio, input") || getSelection()?.isCollapsed === false) return;
  openMenu(event, text.value.message.title, menuOf(conversation, message));
}

/** That it was edited, and the way to what it said before. */
function EditedMark({ chat, message, at }: { chat: Chat; message: ViewMessage; at: number }) {
  const open = () => messageDialog.value = { kind: "edits", conversationId: chat.id, message };
  return <button type="button" class="edited" title={fullTime(at)} onClick={open}>{text.value.edited}
  </button>;
}
