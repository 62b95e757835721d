import { messageDialog } from "../state/message_dialog.ts";
import { hide, recall } from "../state/message_actions.ts";
import { stopSelecting } from "../state/selection.ts";
import { text } from "../state/settings.ts";
import { Confirm } from "./dialog.tsx";
import { EditsDialog } from "./edits_dialog.tsx";
import { ForwardDialog } from "./forward_dialog.tsx";
import { ReactDialog } from "./react_dialog.tsx";
import { ReceiptsDialog } from "./receipts_dialog.tsx";

/** The dialog about a message that is open. */
export function MessageDialogs() {
  const open = messageDialog.value;
  if (!open) return null;
  const { kind, conversationId, message, all = [message] } = open;
  const words = text.value.message;
  const close = () => messageDialog.value = null;
  switch (kind) {
    case "forward":
      return <ForwardDialog {...open} onClose={close} />;
    case "edits":
      return <EditsDialog {...open} onClose={close} />;
    case "receipts":
      return <ReceiptsDialog {...open} onClose={close} />;
    case "emoji":
      return <ReactDialog {...open} onClose={close} />;
    case "recall":
      return (
        <Confirm
          title={words.recallQuestion}
          hint={words.recallHint}
          action={words.recall}
          onConfirm={() => recall(conversationId, message)}
          onClose={close}
        />
      );
    case "hide":
      return (
        <Confirm
          title={words.hideQuestion(all.length)}
          hint={words.hideHint}
          action={words.hide}
          onConfirm={() => hide(conversationId, all).then(stopSelecting)}
          onClose={close}
        />
      );
  }
}
