import { useEffect } from "preact/hooks";
import type { ViewMessage } from "../../sdk/mod.ts";
import type { Chat } from "../state/chat.ts";
import { messageLine, personName } from "../state/naming.ts";
import { me } from "../state/people.ts";
import { tell, text } from "../state/settings.ts";
import { toastError } from "../state/toasts.ts";
import { clockTime, fullTime } from "../state/time.ts";
import type { MessageLine } from "../state/timeline.ts";
import { Avatar } from "./avatar.tsx";
import { MessageContent } from "./message_content.tsx";
import { Reactions } from "./reactions.tsx";

interface MessageProps extends Omit<MessageLine, "kind" | "key"> {
  chat: Chat;
  /** It was gone to: marked for a moment. */
  highlighted: boolean;
  /** In groups the first of a row of messages says who speaks. */
  showsSender: boolean;
}

export function Message(props: MessageProps) {
  const { chat, message, quoted, replyTo, isMine, startsGroup, showsSender, highlighted } = props;
  const { seq, senderId, at, content, editedAt, reactions } = message;
  const sender = isMine ? text.value.you : personName(senderId);
  return (
    <li
      class={`message ${isMine ? "mine" : "theirs"} ${startsGroup ? "starts" : ""} ${
        highlighted ? "flash" : ""
      }`}
      data-testid="message"
      data-seq={seq}
      tabIndex={-1}
    >
      {showsSender && <Avatar id={senderId} name={sender} picture={personOf(senderId)?.avatar} />}
      <div class="bubble">
        {showsSender
          ? <bdi class="sender">{sender}</bdi>
          : <span class="hidden">{text.value.says(sender, "")}</span>}
        {replyTo !== undefined && <Quote chat={chat} seq={replyTo} message={quoted} />}
        <MessageContent content={content} />
        <span class="stamp">
          {editedAt !== undefined && (
            <span class="edited" title={fullTime(editedAt)}>{text.value.edited}</span>
          )}
          <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>{clockTime(at)}</time>
        </span>
      </div>
      {reactions.length > 0 && <Reactions reactions={reactions} />}
    </li>
  );
}

/** What a message answers, in one line, and the way to it. One that is further away is asked for. */
function Quote({ chat, seq, message }: { chat: Chat; seq: number; message: ViewMessage | undefined }) {
  useEffect(() => {
    if (!message) void chat.quote(seq);
  }, [message, seq]);
  if (!message) return null;
  const name = message.senderId === me.value?.id ? text.value.you : personName(message.senderId);
  const goThere = () => chat.jumpTo(seq).catch((error) => toastError(tell(error)));
  return (
    <button type="button" class="quote" dir="auto" data-testid="quote" onClick={goThere}>
      <span class="hidden">{text.value.inReplyTo(name)}</span>
      <span aria-hidden="true">
        <bdi class="quote-name">{name}</bdi>
      </span>{" "}
      {messageLine(message)}
    </button>
  );
}
