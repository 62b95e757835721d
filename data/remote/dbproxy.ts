import type { Logger } from "../../kit/log.ts";
import type { LostCalls } from "./call.ts";
import type { FoundAddress } from "./discovery.ts";
import { Link, nameOf } from "./link.ts";
import { seedOf } from "./rendezvous.ts";
import type { ClientTls } from "./tls.ts";

export interface DbproxyEvents {
  changed(): void;
  lost(lost: LostCalls, by: Dbproxy): void;
  /** It is not wanted any more, and has nothing under way. */
  over(one: Dbproxy): void;
}

interface DbproxyOptions {
  tls?: ClientTls;
  log?: Logger;
  random: () => number;
  events: DbproxyEvents;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/** How it is, as far as a log tells: one line each time that it becomes another. */
type State = "connected" | "away" | "silent" | "without database";

/** One dbproxy by its address: links to it for as long as it is wanted, one after the other. */
export class Dbproxy {
  readonly name: string;
  readonly seed: number;
  #link: Link | undefined;
  /** Links that finish what they have; a new one may be there already. */
  #leaving = new Set<Link>();
  #failures = 0;
  #state: State | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wanted = true;
  #closed = false;

  constructor(
    private readonly address: FoundAddress,
    private readonly options: DbproxyOptions,
  ) {
    this.name = nameOf(address);
    this.seed = seedOf(this.name);
    this.#connect();
  }

  /** The link that takes new calls, if one does. */
  get link(): Link | undefined {
    return this.#link?.ready ? this.#link : undefined;
  }

  /** It is there, and says that its database is not. */
  get withoutDatabase(): boolean {
    return this.#link?.withoutDatabase === true;
  }

  /** One that is not wanted ends with the link that it has, if it has one that works. */
  want(wanted: boolean): void {
    this.#wanted = wanted;
    this.#endUnwanted();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const link of [this.#link, ...this.#leaving]) link?.close();
  }

  #connect(): void {
    // A link may end while it is made; nothing refers to it then.
    const link: Link = new Link(this.address, this.options.tls, {
      changed: () => this.#changed(link),
      lost: (lost) => this.options.events.lost(lost, this),
      gone: (why) => this.#gone(link, why),
    });
    this.#link = link;
  }

  #changed(link: Link): void {
    if (link.leaving && link === this.#link) {
      this.#leaving.add(link);
      this.#link = undefined;
      this.#connectLater("it is leaving");
    } else if (link.ready) {
      this.#failures = 0;
      this.#tell("connected");
    } else if (link === this.#link) this.#tell(link.silent ? "silent" : "without database");
    this.options.events.changed();
  }

  #gone(link: Link, why: string): void {
    this.#leaving.delete(link);
    if (link === this.#link) {
      this.#link = undefined;
      this.#connectLater(why);
    } else this.#endUnwanted();
    this.options.events.changed();
  }

  #endUnwanted(): void {
    if (this.#wanted || this.#closed || this.#link?.answers || this.#leaving.size > 0) return;
    this.close();
    this.options.events.over(this);
  }

  #connectLater(why: string): void {
    if (this.#closed) return;
    if (!this.#wanted) return this.#endUnwanted();
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures++);
    const jitteredMs = Math.round(delayMs * (0.5 + this.options.random() / 2));
    this.#tell("away", why);
    this.#timer = setTimeout(() => this.#connect(), jitteredMs);
  }

  /** However often it is tried in between. */
  #tell(state: State, why?: string): void {
    const { log } = this.options;
    if (state === this.#state) return;
    this.#state = state;
    const dbproxy = this.name;
    switch (state) {
      case "connected":
        return log?.info("dbproxy connected", { dbproxy });
      case "away":
        return log?.warn("dbproxy away", { dbproxy, why: why && withoutNotes(why) });
      case "silent":
        return log?.warn("dbproxy answers nothing", { dbproxy });
      case "without database":
        return log?.warn("dbproxy has lost its database", { dbproxy });
    }
  }
}

/** grpc-js wraps the error that matters in words about how it looked names up. */
function withoutNotes(why: string): string {
  return why.replace(/^No connection established\. Last error: /, "").replace(/\.? Resolution note:.*$/s, "");
}
