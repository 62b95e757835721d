import { signal } from "@preact/signals";
import { attachAll } from "./attaching.ts";

/** Files that were chosen, pasted or dropped, and are not sent before somebody has looked at them. */
export interface OfferedFiles {
  conversationId: string;
  files: readonly File[];
  /** There were more than may be sent at once. */
  hasMore: boolean;
}

export const MAX_FILES = 20;

export const offered = signal<OfferedFiles | null>(null);

/** Adds to what is offered already. */
export function offerFiles(conversationId: string, files: Iterable<File>): void {
  const known = offered.peek()?.conversationId === conversationId ? offered.peek()!.files : [];
  const all = [...known, ...files];
  if (all.length === 0) return;
  offered.value = { conversationId, files: all.slice(0, MAX_FILES), hasMore: all.length > MAX_FILES };
}

export function withdrawFile(file: File): void {
  const { conversationId, files } = offered.peek()!;
  const left = files.filter((one) => one !== file);
  offered.value = left.length > 0 ? { conversationId, files: left, hasMore: false } : null;
}

export function withdrawFiles(): void {
  offered.value = null;
}

/** The caption goes with the first. */
export function sendOffered(caption: string): void {
  const offer = offered.peek();
  if (!offer) return;
  offered.value = null;
  void attachAll(offer.conversationId, offer.files, { caption: caption.trim() || undefined });
}
