import { type Composing, stopComposing } from "../state/composing.ts";
import { messageLine, personName } from "../state/naming.ts";
import { me } from "../state/people.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

/** Above the line one writes in: what is answered, or edited. */
export function ComposeBar({ kind, message }: Composing) {
  const words = text.value.message;
  const name = message.senderId === me.value?.id ? text.value.yourselfAsObject : personName(message.senderId);
  return (
    <div class="compose-bar" data-testid="compose-bar">
      <Icon name={kind} />
      <p>
        <strong>{kind === "reply" ? words.replyingTo(name) : words.editing}</strong>
        <span class="muted" dir="auto">{messageLine(message)}</span>
      </p>
      <button type="button" class="icon-button" aria-label={words.cancel} onClick={stopComposing}>
        <Icon name="close" />
      </button>
    </div>
  );
}
