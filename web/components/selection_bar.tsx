import { useEffect, useRef } from "preact/hooks";
import type { ViewMessage } from "../../sdk/mod.ts";
import { copy, isGone, rawText } from "../state/message_actions.ts";
import { type MessageDialog, messageDialog } from "../state/message_dialog.ts";
import { personName } from "../state/naming.ts";
import { me } from "../state/people.ts";
import { stopSelecting } from "../state/selection.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";
import { useShortcut } from "./use_shortcut.ts";

interface SelectionBarProps {
  conversationId: string;
  messages: readonly ViewMessage[];
}

/** In place of where one writes, while messages are being chosen: what is done with all of them. */
export function SelectionBar({ conversationId, messages }: SelectionBarProps) {
  const bar = useRef<HTMLDivElement>(null);
  const words = text.value.message;
  useEffect(() => bar.current?.querySelector("button")?.focus(), []);
  useShortcut({ keys: "Escape", label: () => words.stopSelecting, run: stopSelecting, group: "chat" });
  const there = messages.filter((one) => !isGone(one));
  const open = (kind: MessageDialog["kind"], those: readonly ViewMessage[]) => () =>
    messageDialog.value = { kind, conversationId, message: those[0], all: those };
  const copyAll = () =>
    void copy(there.map((one) => text.value.says(nameOf(one), rawText(one))).join("\n")).then(stopSelecting);
  return (
    <div class="selection-bar" ref={bar} role="toolbar" aria-label={words.selected(messages.length)}>
      <button type="button" class="icon-button" aria-label={words.stopSelecting} onClick={stopSelecting}>
        <Icon name="close" />
      </button>
      <p role="status">{words.selected(messages.length)}</p>
      <button type="button" class="button" disabled={there.length === 0} onClick={copyAll}>
        <Icon name="copy" />
        {words.copy}
      </button>
      <button
        type="button"
        class="button"
        disabled={messages.length === 0}
        onClick={open("hide", messages)}
      >
        <Icon name="trash" />
        {words.hide}
      </button>
      <button
        type="button"
        class="button primary"
        disabled={there.length === 0}
        onClick={open("forward", there)}
      >
        <Icon name="forward" />
        {words.forward}
      </button>
    </div>
  );
}

const nameOf = ({ senderId }: ViewMessage) =>
  senderId === me.peek()?.id ? me.peek()!.displayName : personName(senderId);
