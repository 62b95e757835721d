import { ImError } from "../../../wire/errors.ts";
import { Line } from "./line.ts";
import { Percentiles } from "./percentiles.ts";
import { ask, type Person } from "./person.ts";

/** What all lanes count together. */
export class Counts {
  sent = 0;
  acked = 0;
  delivered = 0;
  readonly ack = new Percentiles();
  readonly delivery = new Percentiles();
  /** How often each error was answered. */
  readonly errors = new Map<string, number>();
}

/** What was found in a conversation's log when all was over. */
export interface LogReport {
  /** Acknowledged, and not in the log. */
  lost: number;
  /** In the log more than once. */
  doubled: number;
  /** After a message that was sent later. */
  disordered: number;
  /** In the log, and not pushed to the receiver while it listened. */
  notPushed: number;
  reconnects: number;
}

const PAGE = 1_000;
const LENGTH = 100;

/** One writes to another, who listens. */
export class Lane {
  #acked = new Set<number>();
  #pushed = new Set<number>();
  /** When each was due, by its number; deleted when it was pushed. */
  #due = new Map<number, number>();
  #next = 0;
  #firstSeq = 0;
  #answered = 0;

  private constructor(
    private readonly url: string,
    private readonly counts: Counts,
    private readonly receiver: Person,
    private readonly conversationId: string,
    private readonly out: Line,
    private readonly into: Line,
    private readonly run: string,
  ) {
    into.onNotification = (method, params) => {
      if (method === "log.append" && params.conversationId === conversationId) this.#hear(params.entries);
    };
  }

  static async open(
    url: string,
    counts: Counts,
    [from, to]: readonly [Person, Person],
    run: string,
  ): Promise<Lane> {
    const { id } = await ask(url, "PUT", `/conversations/direct/${to.id}`, { token: from.token, body: {} });
    const lines = [new Line(url, from.token), new Line(url, to.token)] as const;
    const lane = new Lane(url, counts, to, String(id), ...lines, run);
    await Promise.all(lines.map((line) => line.opened())).catch((error) => {
      lane.close();
      throw error;
    });
    const { lastSeq } = await ask(url, "GET", `/conversations/${id}/log?limit=1`, { token: to.token });
    lane.#firstSeq = Number(lastSeq);
    return lane;
  }

  /** Sends one message that was due at a time of `performance.now()`: waiting for one's turn counts, too. */
  send(dueMs: number): Promise<void> {
    const number = this.#next++;
    const { counts } = this;
    counts.sent++;
    this.#due.set(number, dueMs);
    const content = { type: "text", text: `${this.run} ${number} `.padEnd(LENGTH, "x") };
    const params = { conversationId: this.conversationId, clientId: `${this.run}-${number}`, content };
    return this.out.call("message.send", params).then(() => {
      counts.acked++;
      counts.ack.add(performance.now() - dueMs);
      this.#acked.add(number);
    }, (error) => {
      const code = error instanceof ImError ? error.code : "no answer";
      counts.errors.set(code, (counts.errors.get(code) ?? 0) + 1);
    }).finally(() => this.#answered++);
  }

  #hear(entries: unknown): void {
    for (const entry of entries as { content?: { text?: string } }[]) {
      const number = this.#numberOf(entry);
      if (number === null || this.#pushed.has(number)) continue;
      this.#pushed.add(number);
      const dueMs = this.#due.get(number);
      if (dueMs === undefined) continue;
      this.counts.delivered++;
      this.counts.delivery.add(performance.now() - dueMs);
      this.#due.delete(number);
    }
  }

  #numberOf({ content }: { content?: { text?: string } }): number | null {
    const [run, number] = content?.text?.split(" ", 2) ?? [];
    return run === this.run ? Number(number) : null;
  }

  /** Every send was answered. */
  get isAnswered(): boolean {
    return this.#answered === this.#next;
  }

  /** Everything acknowledged was pushed. Where the receiver was away meanwhile, that may never be. */
  get isPushed(): boolean {
    return this.#acked.isSubsetOf(this.#pushed);
  }

  /** Reads the log again, and compares. */
  async check(): Promise<LogReport> {
    const stored = await this.#readLog();
    const seen = new Set<number>();
    const report = { lost: 0, doubled: 0, disordered: 0, notPushed: 0, reconnects: this.reconnects };
    let highest = -1;
    for (const number of stored) {
      if (seen.has(number)) report.doubled++;
      else if (number < highest) report.disordered++;
      seen.add(number);
      highest = Math.max(highest, number);
      if (!this.#pushed.has(number)) report.notPushed++;
    }
    for (const number of this.#acked) if (!seen.has(number)) report.lost++;
    return report;
  }

  async #readLog(): Promise<number[]> {
    const numbers: number[] = [];
    for (let after = this.#firstSeq;;) {
      const path = `/conversations/${this.conversationId}/log?after=${after}&limit=${PAGE}`;
      const { entries } = await ask(this.url, "GET", path, { token: this.receiver.token }) as {
        entries: { seq: number; content?: { text?: string } }[];
      };
      for (const entry of entries) {
        const number = this.#numberOf(entry);
        if (number !== null) numbers.push(number);
      }
      if (entries.length < PAGE) return numbers;
      after = entries[entries.length - 1].seq;
    }
  }

  get reconnects(): number {
    return this.out.reconnects + this.into.reconnects;
  }

  close(): void {
    this.out.close();
    this.into.close();
  }
}
