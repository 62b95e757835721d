import type { Row, Storage } from "../../sql/driver.ts";
import { MESSAGE_SELECT, type MessageRow } from "../entries.ts";
import { parseState } from "../message_state.ts";
import { slotOf } from "../moved.ts";
import { wordsIn } from "./content.ts";
import type { Batch, Doc, SearchIndex } from "./index.ts";

export interface IndexerOptions {
  /** Reads of the logs. */
  db: Storage;
  index: SearchIndex;
  now: () => number;
  /** Entries that are taken at a time: the thread is not free meanwhile. */
  batch: number;
}

/** As a sweep's (data/local/feed.ts): clocks differ, and a commit comes after the time it bears. */
const MARGIN_MS = 30_000;
/** `moved` is kept no longer; who looked last before that looks at everything. */
const KEPT_MS = 500_000;
/** And now and then everything all the same, whatever a clock did meanwhile. */
const LOOK_AT_ALL_MS = 3_600_000;
const HEADS_PER_LOOK = 5_000;

/** A log of which the index does not have all. */
interface Lag {
  conversationId: number;
  from: number;
  to: number;
}

/**
 * Keeps the index up with the logs. It follows them as a gateway's sweep does, by which of them moved, and asks
 * nothing of who writes them: a message is stored and answered, and then it is indexed. How far each log is lies in
 * the index itself, written in one transaction with the words; so what a crash cuts off is done again.
 */
export class Indexer {
  #lookedAt = 0;
  #lookedAtAllAt = 0;
  #opened: Promise<void> | undefined;
  #pass: Promise<boolean> | undefined;
  /** Who waits for it. */
  #hurried = 0;

  constructor(private readonly options: IndexerOptions) {}

  /** Ready for questions, if not for answers. */
  open(): Promise<void> {
    return this.#opened ??= this.#open().catch((error) => {
      this.#opened = undefined;
      throw error;
    });
  }

  /**
   * Indexes what was committed before the call, unless `budgetMs` is over; answers whether it is all of it. Who comes
   * while one is at it waits for that and looks again. `gently`, it rests as long as it works, while nobody waits:
   * what is sent has the processor first.
   */
  async catchUp(budgetMs: number, how: "at once" | "gently" = "at once"): Promise<boolean> {
    if (how === "gently") return await this.#catchUp(budgetMs);
    this.#hurried++;
    try {
      return await this.#catchUp(budgetMs);
    } finally {
      this.#hurried--;
    }
  }

  async #catchUp(budgetMs: number): Promise<boolean> {
    const until = performance.now() + budgetMs;
    await this.open();
    for (let other = this.#pass; other; other = this.#pass) {
      if (!await endsBefore(until, other)) return false;
    }
    const pass = this.#run(until);
    this.#pass = pass;
    try {
      return await pass;
    } finally {
      this.#pass = undefined;
    }
  }

  async #open(): Promise<void> {
    const { db, index } = this.options;
    const [{ epoch }] = await db.all<Row & { epoch: number }>("SELECT epoch FROM store");
    await index.open(epoch);
  }

  async #run(until: number): Promise<boolean> {
    const { db, now, batch } = this.options;
    const at = now();
    const sinceMs = at - this.#lookedAt;
    // A clock that was set back notes what moves at times that were looked at already.
    const recent = sinceMs >= 0 && sinceMs < KEPT_MS && at - this.#lookedAtAllAt < LOOK_AT_ALL_MS;
    for await (const lags of recent ? this.#moved() : this.#all()) {
      while (lags.length > 0) {
        const from = performance.now();
        const taken = await takeEntries(db, lags, batch);
        await this.options.index.write(await toBatch(db, taken));
        // For what else this thread has to do, at least a turn.
        await pause(this.#hurried > 0 ? 0 : performance.now() - from);
        if (lags.length > 0 && performance.now() >= until) return false;
      }
      if (performance.now() >= until) return false;
    }
    this.#lookedAt = at;
    if (!recent) this.#lookedAtAllAt = at;
    return true;
  }

  /** Those of the logs that moved since the last look. */
  async *#moved(): AsyncGenerator<Lag[]> {
    const slot = slotOf(this.#lookedAt - MARGIN_MS);
    for (let after = 0;;) {
      const heads = await this.options.db.all<HeadRow>(
        `SELECT c.id, h.last_seq FROM (SELECT DISTINCT log_id FROM moved WHERE slot >= ? AND log_id > ?
           ORDER BY log_id LIMIT ?) m
         JOIN conversations c ON c.id = m.log_id JOIN heads h ON h.conversation_id = c.id ORDER BY c.id`,
        [slot, after, HEADS_PER_LOOK],
      );
      if (heads.length === 0) return;
      yield await this.#lagging(heads);
      after = heads[heads.length - 1].id;
    }
  }

  async *#all(): AsyncGenerator<Lag[]> {
    for (let after = 0;;) {
      const heads = await this.options.db.all<HeadRow>(
        `SELECT c.id, h.last_seq FROM conversations c JOIN heads h ON h.conversation_id = c.id
         WHERE c.id > ? ORDER BY c.id LIMIT ?`,
        [after, HEADS_PER_LOOK],
      );
      if (heads.length === 0) return;
      yield await this.#lagging(heads);
      after = heads[heads.length - 1].id;
    }
  }

  async #lagging(heads: readonly HeadRow[]): Promise<Lag[]> {
    const known = await this.options.index.positions(heads.map(({ id }) => id));
    return heads.map(({ id, last_seq }) => ({ conversationId: id, from: known.get(id) ?? 0, to: last_seq }))
      .filter(({ from, to }) => from < to);
  }
}

type HeadRow = Row & { id: number; last_seq: number };

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Whether a pass ends, well or not, before a time. */
async function endsBefore(until: number, pass: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), Math.max(0, until - performance.now()));
  try {
    return await Promise.race([pass.then(() => true, () => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

type LogRow = MessageRow & { conversation_id: number };

interface Taken {
  positions: Map<number, { from: number; to: number }>;
  /** Messages among them. */
  messages: LogRow[];
  /** Earlier ones whose words may have changed. */
  changed: Map<string, [conversationId: number, seq: number]>;
}

const LOG_SELECT = MESSAGE_SELECT.replace("SELECT", "SELECT conversation_id,");

/** The next entries of the first logs, up to `count`; takes what is done from `lags`. */
async function takeEntries(db: Storage, lags: Lag[], count: number): Promise<Taken> {
  const taken: Taken = { positions: new Map(), messages: [], changed: new Map() };
  while (count > 0 && lags.length > 0) {
    const { conversationId, from, to } = lags[0];
    const rows = await db.all<LogRow>(
      `${LOG_SELECT} WHERE conversation_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
      [conversationId, from, to, count],
    );
    const end = rows.length < count ? to : rows[rows.length - 1].seq;
    for (const row of rows) {
      if (row.kind === "message") taken.messages.push(row);
      else if (CHANGES.has(row.kind)) {
        const { target } = JSON.parse(row.body);
        // A later one was read above with what had become of it; what has since comes later.
        if (target <= from) taken.changed.set(`${conversationId}:${target}`, [conversationId, target]);
      }
    }
    taken.positions.set(conversationId, { from, to: end });
    count -= Math.max(1, rows.length);
    if (end >= to) lags.shift();
    else lags[0].from = end;
  }
  return taken;
}

const CHANGES = new Set(["message.edited", "message.recalled"]);

/** The messages as they are now: later changes of them come later, and then once more. */
async function toBatch(db: Storage, { positions, messages, changed }: Taken): Promise<Batch> {
  const earlier = await db.allIn<LogRow>(`${LOG_SELECT} WHERE (conversation_id, seq) IN {keys}`, [
    ...changed.values(),
  ]);
  const docs: Doc[] = [];
  const gone: { conversationId: number; seq: number }[] = [];
  for (const row of [...messages, ...earlier]) {
    const { conversation_id: conversationId, seq, sender_id: senderId, at } = row;
    const state = parseState(row.state);
    const content = state.content ?? JSON.parse(row.body);
    const words = state.recalledAt === undefined ? wordsIn(content) : [];
    if (words.length === 0) gone.push({ conversationId, seq });
    else docs.push({ conversationId, seq, senderId, at, type: String(content.type), words });
  }
  return { positions, docs, gone };
}
