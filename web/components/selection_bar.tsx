import { useEffect, useRef } from "preact/hooks";
import type { ViewMessage } from "../../sdk/mod.ts";
import { copy, isGone, rawText } from "../state/message_actions.ts";
import { type MessageDialog, messageDialog } from "../state/message_dialog.ts";
import { personName } from "../state/naming.ts";
import { me } from "../state/people.ts";
import { stopSelecting } from "../state/selection.ts";
import { text } from "../state/settings.ts";
import { Icon, type IconName } from "./icon.tsx";
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
      <Act icon="copy" label={words.copy} on={there} run={copyAll} />
      <Act icon="trash" label={words.hide} on={messages} run={open("hide", messages)} />
      <Act icon="forward" label={words.forward} on={there} run={open("forward", there)} primary />
    </div>
  );
}

interface ActProps {
  icon: IconName;
  label: string;
  /** Those that it is done with; with none there is nothing to do. */
  on: readonly ViewMessage[];
  run: () => void;
  primary?: boolean;
}

function Act({ icon, label, on, run, primary }: ActProps) {
  return (
    <button
      type="button"
      class={primary ? "button primary" : "button"}
      disabled={on.length === 0}
      onClick={run}
    >
      <Icon name={icon} />
      {label}
    </button>
  );
}

const nameOf = ({ senderId }: ViewMessage) =>
  senderId === me.peek()?.id ? me.peek()!.displayName : personName(senderId);
