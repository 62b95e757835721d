/**
 * What became of a message, kept as JSON on its row, so that a page of history needs no replay. Absent fields:
 * it did not happen. In this form it is `state` of an entry in the Data contract, too.
 */
export interface MessageState {
  /** The last edit's content, which takes the place of the body. */
  content?: unknown;
  editedAt?: number;
  /** The seqs of the edits, in order. */
  edits?: number[];
  recalledAt?: number;
  recalledBy?: string;
  /** How many reacted, by emoji, in the order of the first. */
  reactions?: Record<string, number>;
  pinnedAt?: number;
  /** The seq of the last change, so that a reader knows which changes this state has in it. */
  changedSeq?: number;
  /** Never stored: the reader's own reactions, added when it is read. */
  mine?: string[];
}

export const RECALLED_BODY = '{"type":"recalled"}';

export function parseState(text: string): MessageState {
  return text === "" ? {} : JSON.parse(text);
}

/** Empty where nothing became of it. */
export function formatState(state: MessageState): string {
  const text = JSON.stringify(state);
  return text === "{}" ? "" : text;
}
