import type { Chat } from "../state/chat.ts";
import { discardSend, retrySend } from "../state/outgoing.ts";
import { tell, text } from "../state/settings.ts";
import type { PendingLine } from "../state/timeline.ts";
import { Icon } from "./icon.tsx";
import { MessageContent } from "./message_content.tsx";
import { Quote } from "./quote.tsx";

/** A message of one's own on its way, or one that the server refused. */
export function PendingMessage({ chat, line }: { chat: Chat; line: PendingLine }) {
  const { item, startsGroup, replyTo, quoted } = line;
  const { clientId, content, state, error } = item;
  const { sending, notSent, retry, discard } = text.value;
  const failed = state === "failed";
  return (
    <li class={`message mine ${startsGroup ? "starts" : ""} ${state}`} data-testid={`message-${state}`}>
      <div class="bubble">
        {replyTo !== undefined && <Quote chat={chat} seq={replyTo} message={quoted} />}
        <MessageContent content={content} />
        <span class="stamp" title={failed ? notSent : sending}>
          <Icon name={failed ? "warning" : "clock"} />
          <span class="hidden">{failed ? notSent : sending}</span>
        </span>
      </div>
      {failed && (
        <p class="failure" role="alert">
          <span>{tell(error)}</span>
          <button type="button" class="button small" onClick={() => retrySend(clientId)}>{retry}</button>
          <button type="button" class="button small" onClick={() => discardSend(clientId)}>{discard}</button>
        </p>
      )}
    </li>
  );
}
