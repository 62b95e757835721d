import { useEffect } from "preact/hooks";
import type { ViewMessage } from "../../sdk/mod.ts";
import type { Chat } from "../state/chat.ts";
import { messageLine, personName } from "../state/naming.ts";
import { me } from "../state/people.ts";
import { tell, text } from "../state/settings.ts";
import { toastError } from "../state/toasts.ts";

/** What a message answers, in one line, and the way to it. One that is further away is asked for. */
export function Quote({ chat, seq, message }: { chat: Chat; seq: number; message: ViewMessage | undefined }) {
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
