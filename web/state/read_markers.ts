/** How far somebody has read a conversation, and what is left. */
export interface ReadMarker {
  readonly conversationId: string;
  readonly readSeq: number;
  readonly unread: number;
}

/**
 * The furthest markers heard of. A list may be asked for before a marker moves and be answered after it: then the
 * answer is older than what is known, and must not bring back what was read.
 */
export class ReadMarkers {
  #furthest = new Map<string, ReadMarker>();

  /** Answers whether it is news, or at least nothing older. */
  note(marker: ReadMarker): boolean {
    const known = this.#furthest.get(marker.conversationId);
    if (known && known.readSeq > marker.readSeq) return false;
    this.#furthest.set(marker.conversationId, marker);
    return true;
  }

  /** The conversation, read as far as is known. */
  apply<T extends { readonly id: string; readonly readSeq: number; readonly unread: number }>(one: T): T {
    const known = this.#furthest.get(one.id);
    return known && known.readSeq > one.readSeq
      ? { ...one, readSeq: known.readSeq, unread: known.unread }
      : one;
  }

  clear(): void {
    this.#furthest.clear();
  }
}
