import { createMemoryBus } from "../../bus/memory.ts";
import { createMemoryDirectory } from "../../bus/memory_directory.ts";
import { createHub, type Hub } from "../../chat/hub.ts";
import { createPresence, type Presence } from "../../chat/presence.ts";
import type { Caller } from "../../chat/handlers.ts";
import { createHandlers } from "../../chat/mod.ts";
import { startSweep, type Sweep } from "../../chat/sweep.ts";
import { createLocalData } from "../../data/local/mod.ts";
import { gathering } from "../../data/gathering.ts";
import type { Data } from "../../data/service.ts";
import type { Storage } from "../../data/sql/driver.ts";
import { createDispatch, type Dispatch } from "../../gateway/dispatch.ts";
import { Connection, type ConnectionParts } from "../../gateway/ws.ts";
import type { Logger } from "../../kit/log.ts";
import type { Faults } from "./faults.ts";
import { LossyBus } from "./lossy_bus.ts";
import { MortalStorage } from "./mortal_storage.ts";
import type { Line } from "./network.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** As in gateway/upgrade.ts. */
const HEARTBEAT_MS = 30_000;
const RECALL_WINDOW_MS = 120_000;
const ORIGIN = { address: "192.0.2.1", agent: "checker" };

export interface Surroundings {
  storage: Storage;
  time: VirtualTime;
  faults: Faults;
  nextId: () => number;
  /** How many gateways stand before the database, one Bus between them. */
  gateways: number;
  log: Logger;
}

/** Everything between the sockets and the database, from one start to one kill -9. */
export class ServerProcess {
  readonly storage: MortalStorage;
  readonly gateways: Gateway[];
  readonly #data: Data;
  readonly #bus = createMemoryBus();

  constructor(private readonly parts: Surroundings) {
    const { storage, time, faults, nextId, gateways } = parts;
    this.storage = new MortalStorage(storage, time, faults);
    this.#data = createLocalData(this.storage, { now: () => time.nowMs, nextId });
    this.gateways = Array.from({ length: gateways }, () => this.#gateway());
  }

  /** All of it is gone: every socket, every hint under way, every answer not given. */
  kill(): void {
    this.storage.kill();
    for (const gateway of this.gateways) gateway.kill();
  }

  /** One gateway dies and another takes its place; the database and the others go on. */
  replaceGateway(index: number): void {
    this.gateways[index].kill();
    this.gateways[index] = this.#gateway();
  }

  #gateway(): Gateway {
    const bus = new LossyBus(this.#bus, this.parts.time, this.parts.faults);
    return new Gateway(gathering(this.#data), bus, this.parts);
  }
}

/** The gateway's own classes on lines in place of TCP. */
export class Gateway {
  readonly dispatch: Dispatch;
  readonly #hub: Hub;
  readonly #presence: Presence;
  readonly #sweep: Sweep;
  readonly #connections = new Map<Connection, Line>();
  readonly #parts: ConnectionParts;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  readonly #faults: Faults;

  constructor(data: Data, readonly bus: LossyBus, { time, nextId, log, faults }: Surroundings) {
    const now = () => time.nowMs;
    // Accounts are made behind the server's back: passwords and tokens are no part of these promises.
    const never = () => Promise.reject(new Error("Nobody logs in here"));
    const directory = createMemoryDirectory({ alone: false });
    const presence = createPresence({ bus, directory, data, now });
    const handlers = createHandlers({
      deletions: { begin: () => {} },
      figures: { all: () => Promise.resolve([]) },
      serverName: "IMServer",
      usernameDays: 0,
      presence,
      directory,
      data,
      bus,
      now,
      nextId,
      passwords: { hash: never, verify: never, close: never } as never,
      tokens: {} as never,
      throttle: {} as never,
      registration: "closed",
      maxSessionsPerKind: 0,
      friendsOnly: false,
      requestExpiryMs: 0,
      maxBotsPerOwner: 0,
      broadcasts: { begin: () => {} },
      recallWindowMs: RECALL_WINDOW_MS,
      blobs: null,
      makeThumbnail: never,
      maxFileBytes: 0,
      fileQuotaBytes: 0,
      fileLinkSeconds: 0,
      maxGroupMembers: 1000,
    });
    this.dispatch = createDispatch(handlers, never);
    this.#presence = presence;
    this.#hub = createHub({
      bus,
      presence,
      listening: (userId) => data.conversations.listening({ userId }),
      tail: (request) => data.log.tail(request),
    });
    this.#sweep = startSweep({ feed: data.log, hub: this.#hub, log });
    this.#parts = {
      dispatch: this.dispatch,
      hub: this.#hub,
      requireRunning: () => Promise.resolve(),
      epoch: async () => (await data.log.epoch({ raise: false })).epoch,
      log,
      now,
    };
    this.#faults = faults;
    this.#heartbeat = setInterval(() => {
      for (const connection of this.#connections.keys()) connection.heartbeat();
    }, HEARTBEAT_MS);
  }

  /** Somebody has connected. */
  accept(line: Line, caller: Caller): void {
    const connection = new Connection(line.server as never, caller, ORIGIN, this.#parts);
    this.#connections.set(connection, line);
    line.server.on("close", () => this.#connections.delete(connection));
    connection.open();
  }

  kill(): void {
    clearInterval(this.#heartbeat);
    this.#sweep.close();
    this.bus.close();
    for (const line of this.#connections.values()) {
      line.server.removeAllListeners();
      line.server.readyState = 3;
      line.cut(this.#faults.noticeMs(), null);
    }
    this.#hub.close();
    // Its timers end; what it would store goes to a database that does not answer.
    void this.#presence.close();
  }
}
