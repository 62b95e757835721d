import type { Storage, Tx } from "../../data/sql/driver.ts";
import { ImError } from "../../wire/errors.ts";
import type { Faults } from "./faults.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** A moment in a transaction at which a kill -9 hurts most: all is written, all is committed and nobody knows. */
export type CommitMoment = "written" | "committed";

/**
 * The way of one server process to a database that outlives it. Answers take their time; a transaction may fail
 * before it is committed or after; and once the process is dead, what it has under way never answers: a transaction
 * that was not committed is rolled back, one that was stays so.
 */
export class MortalStorage implements Storage {
  readonly dialect = "sqlite";
  readonly writers = 1;
  onMoment: (moment: CommitMoment) => void = () => {};
  #dead = false;

  constructor(
    private readonly storage: Storage,
    private readonly time: VirtualTime,
    private readonly faults: Faults,
  ) {}

  kill(): void {
    this.#dead = true;
  }

  all: Storage["all"] = (sql, params) => this.#read(() => this.storage.all(sql, params));
  allIn: Storage["allIn"] = (sql, keys) => this.#read(() => this.storage.allIn(sql, keys));

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    await this.#pause(0);
    const failure = this.faults.commitFailure();
    const result = await this.storage.transaction(async (tx) => {
      const result = await work(tx);
      const ms = this.faults.commitDelayMs();
      if (ms > 0) await this.time.delay(ms);
      this.onMoment("written");
      if (this.#dead || failure === "before") {
        throw new ImError("unavailable", "The checker failed the commit");
      }
      return result;
    }).catch(async (error) => {
      await this.#pause(0);
      throw error;
    });
    this.onMoment("committed");
    await this.#pause(this.faults.commitDelayMs());
    if (failure === "after") throw new ImError("unavailable", "The checker hid this transaction's commit");
    return result;
  }

  schemaChange(): Promise<never> {
    throw new Error("A server that runs makes no tables");
  }

  script(): Promise<void> {
    throw new Error("A server that runs makes no tables");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #read<T>(ask: () => Promise<T>): Promise<T> {
    await this.#pause(this.faults.queryDelayMs());
    if (this.faults.queryFails()) throw new ImError("unavailable", "The checker made this read fail");
    const answer = await ask();
    await this.#pause(this.faults.queryDelayMs());
    return answer;
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await this.time.delay(ms);
    if (this.#dead) await new Promise<never>(() => {});
  }
}
