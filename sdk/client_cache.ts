import type { Entry } from "../wire/schemas.ts";
import type { CacheStore } from "./cache_store.ts";
import type { ViewMessage } from "./view_message.ts";

/** The end of a conversation as it was last seen. */
export interface KeptView {
  firstSeq: number;
  /** Every entry up to here is in `messages`. */
  lastSeq: number;
  messages: readonly ViewMessage[];
  /** Where the page before begins, as of `message.history`. */
  nextBefore: number | null;
  /** What happened between the messages, if the client shows that. */
  events?: readonly Entry[];
}

/** Counts the changes of what is kept and how: another version's cache is thrown away. */
const SCHEMA = 1;
const META = "meta";
const MAX_VIEWS = 50;
const MAX_MESSAGES = 100;
/** Characters of JSON that one conversation may take. */
const MAX_VIEW_LENGTH = 256 * 1024;
/** So many conversations are written between two looks at how many there are. */
const PRUNE_EVERY = 10;

type Meta = { schema: number; epoch?: number };

/**
 * What a client knew of its server, for showing it before there is a connection, or without one. It is only ever a
 * memory: a store that fails is as good as an empty one, and whatever a server says stands above it. What is asked
 * is done one after the other.
 */
export class ClientCache {
  #work: Promise<unknown>;
  #meta: Meta = { schema: SCHEMA };
  #written = 0;
  #closed = false;

  constructor(private readonly store: CacheStore, private readonly now: () => number = Date.now) {
    this.#work = this.#begin().catch(() => {});
  }

  /** Plain data besides conversations, such as a list or a profile: what was put last. Whoever puts it bounds it. */
  get<T>(key: string): Promise<T | undefined> {
    return this.#do(async () => (await this.store.read(`item:${key}`))?.value as T | undefined);
  }

  put(key: string, value: unknown): Promise<void> {
    return this.#write(`item:${key}`, value);
  }

  view(conversationId: string): Promise<KeptView | undefined> {
    return this.#do(async () =>
      (await this.store.read(`view:${conversationId}`))?.value as KeptView | undefined
    );
  }

  /** Keeps the newest of it; of all conversations, those that were put last. */
  async putView(conversationId: string, view: KeptView): Promise<void> {
    await this.#write(`view:${conversationId}`, trimmed(view));
    if (++this.#written % PRUNE_EVERY === 0) await this.#do(() => this.#prune());
  }

  forgetView(conversationId: string): Promise<void> {
    return this.#do(() => this.store.remove([`view:${conversationId}`]));
  }

  /**
   * The connection is to a server of this epoch. Answers whether what was kept is of another, and so void: it is gone
   * then, and whoever has read of it forgets that too.
   */
  async useEpoch(epoch: number): Promise<boolean> {
    return await this.#do(async () => {
      const isOther = this.#meta.epoch !== undefined && this.#meta.epoch !== epoch;
      if (isOther) await this.#clear();
      if (this.#meta.epoch !== epoch) await this.#setMeta({ ...this.#meta, epoch });
      return isOther;
    }) ?? false;
  }

  /** Nothing is left, and nothing more is kept: for a logout. */
  async destroy(): Promise<void> {
    this.#closed = true;
    await this.#work;
    await this.store.destroy().catch(() => {});
  }

  close(): void {
    this.#closed = true;
    void this.#work.then(() => this.store.close());
  }

  async #begin(): Promise<void> {
    const meta = (await this.store.read(META))?.value as Meta | undefined;
    if (meta?.schema === SCHEMA) return void (this.#meta = meta);
    await this.#clear();
    await this.#setMeta({ schema: SCHEMA });
  }

  async #setMeta(meta: Meta): Promise<void> {
    this.#meta = meta;
    await this.store.write({ key: META, at: this.now(), value: meta });
  }

  async #clear(): Promise<void> {
    await this.store.remove((await this.store.readAll()).map(({ key }) => key));
  }

  async #prune(): Promise<void> {
    const views = (await this.store.readAll()).filter(({ key }) => key.startsWith("view:"));
    const old = views.sort((a, b) => b.at - a.at).slice(MAX_VIEWS);
    await this.store.remove(old.map(({ key }) => key));
  }

  #write(key: string, value: unknown): Promise<void> {
    return this.#do(() => this.store.write({ key, at: this.now(), value }));
  }

  #do<T>(work: () => Promise<T>): Promise<T | undefined> {
    const done = this.#work.then(() => this.#closed ? undefined : work()).catch(() => undefined);
    this.#work = done;
    return done;
  }
}

/** The newest messages, as many as there is room for, and the events among them. */
function trimmed(view: KeptView): KeptView {
  let length = 0;
  let first = view.messages.length;
  while (first > 0 && view.messages.length - first < MAX_MESSAGES) {
    length += JSON.stringify(view.messages[first - 1]).length;
    if (length > MAX_VIEW_LENGTH) break;
    first--;
  }
  if (first === 0) return view;
  const messages = view.messages.slice(first);
  const from = messages[0]?.seq ?? view.lastSeq + 1;
  return { ...view, messages, nextBefore: from, events: view.events?.filter(({ seq }) => seq >= from) };
}
