import type { ViewMessage } from "../../sdk/mod.ts";
import { messageLine, personName } from "../state/naming.ts";
import { me } from "../state/people.ts";
import { text } from "../state/settings.ts";
import { clockTime, fullTime } from "../state/time.ts";
import type { MessageLine } from "../state/timeline.ts";
import { Avatar } from "./avatar.tsx";
import { MessageContent } from "./message_content.tsx";
import { Reactions } from "./reactions.tsx";

interface MessageProps extends Omit<MessageLine, "kind" | "key"> {
  /** In groups the first of a row of messages says who speaks. */
  showsSender: boolean;
}

export function Message({ message, quoted, isMine, startsGroup, showsSender }: MessageProps) {
  const { senderId, at, content, editedAt, reactions } = message;
  const sender = isMine ? text.value.you : personName(senderId);
  return (
    <li class={`message ${isMine ? "mine" : "theirs"} ${startsGroup ? "starts" : ""}`} data-testid="message">
      {showsSender && <Avatar id={senderId} name={sender} />}
      <div class="bubble">
        {showsSender
          ? <bdi class="sender">{sender}</bdi>
          : <span class="hidden">{text.value.says(sender, "")}</span>}
        {quoted && <Quote message={quoted} />}
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

/** What a message answers, in one line. */
function Quote({ message }: { message: ViewMessage }) {
  const name = message.senderId === me.value?.id ? text.value.you : personName(message.senderId);
  return (
    <span class="quote" dir="auto" data-testid="quote">
      <span class="hidden">{text.value.inReplyTo(name)}</span>
      <span aria-hidden="true">
        <bdi class="quote-name">{name}</bdi>
      </span>{" "}
      {messageLine(message)}
    </span>
  );
}
