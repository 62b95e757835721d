import type { Storage } from "../../sql/driver.ts";

/** A message as the index keeps it. */
export interface Doc {
  conversationId: number;
  seq: number;
  senderId: number;
  at: number;
  type: string;
  words: readonly string[];
}

/** Where a message stands among all: by time, then by conversation and seq, the newest first. */
export interface Place {
  at: number;
  conversationId: number;
  seq: number;
}

export interface Wanted {
  /** All of them. */
  words: readonly string[];
  userId: number;
  /** The conversations to look in. */
  conversationIds: readonly number[];
  /** How many entries these have at the most. */
  size: number;
  senderId?: number;
  /** Any of them. */
  types: readonly string[];
  /** From a time on, and before one. */
  from: number;
  to: number;
}

/** What was learned of some logs. */
export interface Batch {
  /** By conversation: what of its log was known before, and what now is. */
  positions: ReadonlyMap<number, { from: number; to: number }>;
  docs: readonly Doc[];
  /** Messages that nobody finds any more. */
  gone: readonly { conversationId: number; seq: number }[];
}

export interface FoundPage {
  places: Place[];
  /** Where to go on from; absent at the end. A page may be short without being the last: each looks at so much only. */
  next?: Place;
}

/** The words of messages, and how far each log is in it. It may be lost: the logs have all of it. */
export interface SearchIndex {
  /** Makes it ready. `epoch` is the store's: an index of another one is emptied. */
  open(epoch: number): Promise<void>;
  /** How far logs are known; those of which nothing is are left out. */
  positions(conversationIds: readonly number[]): Promise<Map<number, number>>;
  /**
   * Stores a batch, all of it or nothing. What has got further meanwhile by somebody else's work is left as it is,
   * so that the same may be done at several places at once.
   */
  write(batch: Batch): Promise<void>;
  /** Steps through what may match, the newest first, by pages of `count` at the most. */
  find(wanted: Wanted, before: Place | undefined, count: number): Promise<FoundPage>;
  /** Whether this process is the one to index what nobody asks for. */
  leads(now: number): Promise<boolean>;
}

export type OpenIndex = (storage: Storage) => SearchIndex;
