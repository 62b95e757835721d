import { signal } from "@preact/signals";
import type { ViewMessage } from "../../sdk/mod.ts";

/** What the words that are being written are for, where that is not a message by itself. */
export interface Composing {
  readonly kind: "reply" | "edit";
  readonly conversationId: string;
  readonly message: ViewMessage;
}

export const composing = signal<Composing | null>(null);

export function compose(one: Composing): void {
  composing.value = one;
}

export function stopComposing(): void {
  composing.value = null;
}

/** What a person may write anew: words, and those beside a file. */
export function editableText({ content }: ViewMessage): string | undefined {
  if (content.type === "text" && typeof content.text === "string") return content.text;
  return undefined;
}
