import type { Entry } from "../../sdk/mod.ts";
import { messageText, personName } from "../state/naming.ts";
import { text } from "../state/settings.ts";
import { clockTime, fullTime } from "../state/time.ts";
import { Avatar } from "./avatar.tsx";

interface MessageProps {
  entry: Entry;
  isMine: boolean;
  startsGroup: boolean;
  /** In groups the first of a row of messages says who speaks. */
  showsSender: boolean;
}

export function Message({ entry, isMine, startsGroup, showsSender }: MessageProps) {
  const sender = isMine ? text.value.you : personName(entry.senderId);
  return (
    <li class={`message ${isMine ? "mine" : "theirs"} ${startsGroup ? "starts" : ""}`} data-testid="message">
      {showsSender && <Avatar id={entry.senderId} name={sender} />}
      <div class="bubble">
        {showsSender
          ? <bdi class="sender">{sender}</bdi>
          : <span class="hidden">{text.value.says(sender, "")}</span>}
        <span class="words" dir="auto" data-testid="message-text">{messageText(entry)}</span>
        <time class="stamp" dateTime={new Date(entry.at).toISOString()} title={fullTime(entry.at)}>
          {clockTime(entry.at)}
        </time>
      </div>
    </li>
  );
}
