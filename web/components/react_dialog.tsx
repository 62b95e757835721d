import { toggleReaction } from "../state/message_actions.ts";
import type { MessageDialog } from "../state/message_dialog.ts";
import { text } from "../state/settings.ts";
import { Dialog } from "./dialog.tsx";
import { EmojiPicker } from "./emoji_picker.tsx";

/** Chooses a reaction of all there are. */
export function ReactDialog({ conversationId, message, onClose }: MessageDialog & { onClose: () => void }) {
  const pick = (emoji: string) => {
    void toggleReaction(conversationId, message, emoji);
    onClose();
  };
  return (
    <Dialog title={text.value.message.react} onClose={onClose}>
      <EmojiPicker onPick={pick} />
    </Dialog>
  );
}
