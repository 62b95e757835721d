import { signal } from "@preact/signals";
import type { ViewMessage } from "../../sdk/mod.ts";

/** The dialog about a message that is open; message_dialogs.tsx shows it. */
export interface MessageDialog {
  readonly kind: "forward" | "edits" | "receipts" | "recall" | "hide" | "emoji";
  readonly conversationId: string;
  readonly message: ViewMessage;
  /** Where it is about several: all of them, in their order. */
  readonly all?: readonly ViewMessage[];
}

export const messageDialog = signal<MessageDialog | null>(null);
