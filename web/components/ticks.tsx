import type { Conversation } from "../../sdk/mod.ts";
import { messageDialog } from "../state/message_dialog.ts";
import type { ViewMessage } from "../../sdk/mod.ts";
import { countOthers, receiptsOf, tickOf } from "../state/receipts.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

/** How far a message of one's own has come. In a group a press says to whom. */
export function Ticks({ conversation, message }: { conversation: Conversation; message: ViewMessage }) {
  const words = text.value.message;
  const tick = tickOf(message.seq);
  const label = words[tick];
  const icon = <Icon name={tick === "sent" ? "check" : "checks"} />;
  if (conversation.type === "direct" || countOthers() === 0) {
    return (
      <span class={`tick ${tick}`} title={label} data-testid="tick" data-tick={tick}>
        {icon}
        <span class="hidden">{label}</span>
      </span>
    );
  }
  const count = receiptsOf(message.seq).read.length;
  const open = () => messageDialog.value = { kind: "receipts", conversationId: conversation.id, message };
  return (
    <button
      type="button"
      class={`tick ${tick}`}
      title={words.readBy(count)}
      onClick={open}
      data-testid="tick"
      data-tick={tick}
    >
      {icon}
      {count > 0 && <span aria-hidden="true">{count}</span>}
      <span class="hidden">{count > 0 ? words.readBy(count) : label}</span>
    </button>
  );
}
