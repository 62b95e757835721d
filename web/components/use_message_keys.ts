import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ViewMessage } from "../../sdk/mod.ts";
import type { Chat } from "../state/chat.ts";
import { compose } from "../state/composing.ts";
import { conversationOf } from "../state/conversations.ts";
import { openMenuAt } from "../state/menu.ts";
import { isGone, mayEdit, menuOf } from "../state/message_actions.ts";
import { type MessageDialog, messageDialog } from "../state/message_dialog.ts";
import { text } from "../state/settings.ts";
import type { Shortcut } from "../state/shortcuts.ts";
import { useShortcut } from "./use_shortcut.ts";

const ROW = "[data-testid=message]";

/**
 * What keys do in the list of messages: one of them has the focus, arrows move it, letters act on it. The focus goes to
 * its neighbour when a message goes away.
 */
export function useMessageKeys(chat: Chat, list: RefObject<HTMLElement | null>, rows: unknown): void {
  const words = () => text.value.message;
  const isInList = () => list.current?.contains(document.activeElement) ?? false;
  const rowsOf = () => [...list.current?.querySelectorAll<HTMLElement>(ROW) ?? []];
  const focusedRow = () => document.activeElement?.closest<HTMLElement>(ROW) ?? null;
  const focused = (): ViewMessage | undefined => {
    const seq = Number(focusedRow()?.dataset.seq);
    return chat.messages.peek().find((message) => message.seq === seq);
  };
  const is = (test: (message: ViewMessage) => boolean) => () => {
    const message = isInList() ? focused() : undefined;
    return message !== undefined && test(message);
  };
  const isThere = is((message) => !isGone(message));
  const act = (run: (message: ViewMessage) => void) => () => run(focused()!);
  const open = (kind: MessageDialog["kind"]) =>
    act((message) => messageDialog.value = { kind, conversationId: chat.id, message });
  const move = (by: 1 | -1) => {
    const all = rowsOf();
    const at = all.indexOf(focusedRow()!);
    focusRow(at < 0 ? lastInView(list.current!, all) : all[at + by] ?? all[at]);
  };

  const key = (one: Omit<Shortcut, "group">) => useShortcut({ ...one, group: "message" });
  useShortcut({
    keys: "F6",
    label: () => text.value.toMessages,
    whileWriting: true,
    group: "chat",
    run: () => isInList() ? focusComposer(list.current!) : move(-1),
  });
  key({ keys: "ArrowUp", label: () => words().keys.up, when: isInList, run: () => move(-1) });
  key({ keys: "ArrowDown", label: () => words().keys.down, when: isInList, run: () => move(1) });
  key({
    keys: "Enter",
    label: () => words().title,
    when: () => isInList() && document.activeElement === focusedRow(),
    run: act((message) => {
      const conversation = conversationOf(chat.id);
      if (conversation) openMenuAt(focusedRow()!, words().title, menuOf(conversation, message));
    }),
  });
  key({
    keys: "r",
    label: () => words().reply,
    when: isThere,
    run: act((message) => compose({ kind: "reply", conversationId: chat.id, message })),
  });
  key({
    keys: "e",
    label: () => words().edit,
    when: is(mayEdit),
    run: act((message) => compose({ kind: "edit", conversationId: chat.id, message })),
  });
  key({ keys: "a", label: () => words().react, when: isThere, run: open("emoji") });
  key({ keys: "f", label: () => words().forward, when: isThere, run: open("forward") });
  key({ keys: ["Delete", "Backspace"], label: () => words().hide, when: is(() => true), run: open("hide") });
  key({
    keys: "Escape",
    label: () => text.value.toWrite,
    when: isInList,
    run: () => focusComposer(list.current!),
  });
  useNeighbour(rowsOf, [rows, messageDialog.value]);
}

/** Where the row that had the focus is gone, its neighbour gets it: else the next key would start at the top of the page. */
function useNeighbour(rowsOf: () => HTMLElement[], changes: unknown[]): void {
  const seq = useRef<number | undefined>(undefined);
  useEffect(() => {
    const onFocus = ({ target }: FocusEvent) => {
      if (!(target instanceof Element)) return;
      const row = target.closest<HTMLElement>(ROW);
      if (row) seq.current = Number(row.dataset.seq);
      else if (!target.closest("dialog, .menu")) seq.current = undefined;
    };
    addEventListener("focusin", onFocus);
    return () => removeEventListener("focusin", onFocus);
  }, []);
  useEffect(() => {
    if (seq.current === undefined || document.activeElement !== document.body) return;
    const all = rowsOf();
    focusRow(all.find(({ dataset }) => Number(dataset.seq) >= seq.current!) ?? all.at(-1));
  }, changes);
}

function focusRow(row: HTMLElement | undefined): void {
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

function focusComposer(list: HTMLElement): void {
  list.closest("main")?.querySelector<HTMLElement>("form.composer textarea")?.focus();
}

/** The last row that can be read whole. */
function lastInView(list: HTMLElement, rows: HTMLElement[]): HTMLElement | undefined {
  const { bottom } = list.getBoundingClientRect();
  return rows.findLast((row) => row.getBoundingClientRect().bottom <= bottom + 1) ?? rows.at(-1);
}
