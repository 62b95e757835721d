/** What is known of changes to users. */
export interface Revised {
  /** Which store, and which of its lives (epoch). */
  store: string;
  /** The last one given, of a moment after the question. */
  revision: number;
  /** Who was revised after the revision asked about, in order; not those of long ago. */
  users: readonly { id: number; revision: number }[];
}

/** When something was read: what it says includes all up to this revision of this store. */
export interface AsOf {
  store: string;
  revision: number;
}

/** Revisions further apart are not looked through. */
const WINDOW = 5_000;
/** So many changed users are remembered (P6). */
const MAX_CHANGED = 10_000;

/**
 * Says whether what was read as of a revision still holds. A row that was read when the store's revision was N has all
 * that happened up to N; it holds for as long as its user has no later revision.
 */
export class KnownRevisions {
  #store = "";
  #revision = -1;
  /** Before this one nothing is known. */
  #floor = 0;
  /** User → their last revision, above the floor, in order. */
  #changed = new Map<number, number>();

  /** The last look at the store; revision -1: there was none. */
  get asOf(): AsOf {
    return { store: this.#store, revision: this.#revision };
  }

  /** Takes what a look has shown; answers who was changed since the last one, or "all" when nobody knows. */
  learn({ store, revision, users }: Revised): readonly number[] | "all" {
    const since = this.#revision;
    const anew = store !== this.#store || revision < since || revision - since > WINDOW;
    if (anew) {
      this.#changed.clear();
      this.#floor = Math.max(0, revision - WINDOW);
    }
    this.#store = store;
    this.#revision = revision;
    for (const user of users) {
      this.#changed.delete(user.id);
      this.#changed.set(user.id, user.revision);
    }
    while (this.#changed.size > MAX_CHANGED) {
      const [oldest] = this.#changed;
      this.#changed.delete(oldest[0]);
      this.#floor = Math.max(this.#floor, oldest[1]);
    }
    return anew ? "all" : users.map(({ id }) => id);
  }

  /** Whether what was read of a user as of a revision is so still, as of the last look. */
  holds(userId: number, { store, revision }: AsOf): boolean {
    if (store !== this.#store || revision < this.#floor || revision > this.#revision) return false;
    return revision >= (this.#changed.get(userId) ?? 0);
  }
}
