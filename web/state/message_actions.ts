import type { Conversation, ViewMessage } from "../../sdk/mod.ts";
import { attempt } from "./attempt.ts";
import { compose, editableText } from "./composing.ts";
import { isAdmin } from "./group_rights.ts";
import type { MenuItem } from "./menu.ts";
import { type MessageDialog, messageDialog } from "./message_dialog.ts";
import { me } from "./people.ts";
import { hasReceipts } from "./receipts.ts";
import { chatHref } from "./route.ts";
import { toggleSelected } from "./selection.ts";
import { client } from "./server.ts";
import { text } from "./settings.ts";
import { messageLine } from "./naming.ts";

/** What a person does with a message. What comes of it comes by the log, like what others do. */

/** Those that are offered first. */
export const QUICK_REACTIONS = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

const place = (conversationId: string, { seq }: ViewMessage) => ({ conversationId, seq });

/** Adds one's reaction, or takes it back. */
export function toggleReaction(
  conversationId: string,
  message: ViewMessage,
  emoji: string,
): Promise<boolean> {
  const isMine = message.reactions.some((one) => one.emoji === emoji && one.mine);
  const name = isMine ? "reaction.remove" : "reaction.add";
  return attempt(() => client.call(name, { ...place(conversationId, message), emoji }));
}

export function recall(conversationId: string, message: ViewMessage) {
  return client.call("message.recall", place(conversationId, message));
}

/** For oneself alone. */
export function hide(conversationId: string, messages: readonly ViewMessage[]) {
  return client.call("message.delete", { conversationId, seqs: messages.map(({ seq }) => seq) });
}

export function togglePin(conversationId: string, message: ViewMessage): Promise<boolean> {
  const name = message.pinnedAt === undefined ? "message.pin" : "message.unpin";
  return attempt(() => client.call(name, place(conversationId, message)));
}

export function copy(words: string): Promise<boolean> {
  return attempt(() => navigator.clipboard.writeText(words), () => text.value.message.copied);
}

export const isGone = ({ recalledAt }: ViewMessage) => recalledAt !== undefined;
export const isMine = ({ senderId }: ViewMessage) => senderId === me.peek()?.id;

/** Whether it can be edited; the server has the last word on what else. */
export function mayEdit(message: ViewMessage): boolean {
  return isMine(message) && !isGone(message) && editableText(message) !== undefined;
}

export function mayPin({ type, role }: Conversation): boolean {
  return type === "direct" || isAdmin(role);
}

/** What can be done with a message, for its menu. */
export function menuOf(conversation: Conversation, message: ViewMessage): MenuItem[] {
  const words = text.value.message;
  const { id: conversationId, type, role } = conversation;
  const open = (kind: MessageDialog["kind"]) => () => messageDialog.value = { kind, conversationId, message };
  const link = () => `${location.origin}/${chatHref(conversationId, message.seq)}`;
  const gone = isGone(message);
  const mayRecall = !gone && (isMine(message) || (type === "group" && isAdmin(role)));
  const items: (MenuItem | false)[] = [
    !gone && {
      label: words.reply,
      icon: "reply",
      run: () => compose({ kind: "reply", conversationId, message }),
    },
    !gone && { label: words.react, icon: "smile", run: open("emoji") },
    mayEdit(message) && {
      label: words.edit,
      icon: "edit",
      run: () => compose({ kind: "edit", conversationId, message }),
    },
    !gone && { label: words.copy, icon: "copy", run: () => void copy(rawText(message)) },
    { label: words.copyLink, icon: "link", run: () => void copy(link()) },
    !gone && { label: words.forward, icon: "forward", run: open("forward") },
    { label: words.select, icon: "check", run: () => toggleSelected(conversationId, message) },
    !gone && mayPin(conversation) && {
      label: message.pinnedAt === undefined ? words.pin : words.unpin,
      icon: "pin",
      run: () => void togglePin(conversationId, message),
    },
    message.edits > 0 && { label: words.edits, icon: "clock", run: open("edits") },
    isMine(message) && !gone && type === "group" && hasReceipts(conversation) && {
      label: words.receipts,
      icon: "checks",
      run: open("receipts"),
    },
    { label: words.hide, icon: "trash", run: open("hide"), line: true },
    mayRecall && { label: words.recall, icon: "trash", run: open("recall"), danger: true },
  ];
  return items.filter((item) => item !== false);
}

/** What it says, as it was typed. */
export function rawText(message: ViewMessage): string {
  return editableText(message) ?? messageLine(message);
}
