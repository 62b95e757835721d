import type { Storage } from "../../data/sql/driver.ts";
import { createLocalData } from "../../data/local/mod.ts";
import { migrate } from "../../data/sql/migrate.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { createIds } from "../../kit/ids.ts";
import { abortable } from "../../sdk/abortable.ts";
import { Device, type Door } from "./device.ts";
import { Faults } from "./faults.ts";
import { History } from "./history.ts";
import type { CommitMoment } from "./mortal_storage.ts";
import { type ClientEnd, Line } from "./network.ts";
import type { Random } from "./random.ts";
import { ServerProcess } from "./server_process.ts";
import { Trace } from "./trace.ts";
import { VirtualTime } from "./virtual_time.ts";

export interface WorldSize {
  users: number;
  /** Devices beyond the first of each user. */
  secondDevices: number;
  gateways: number;
}

/** 2027-01-15T08:00Z. Each world of a process begins a day later, since some parts never let time run back. */
const START_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;
let worlds = 0;
const ORIGIN = { address: "192.0.2.1", agent: "checker" };

const callerOf = (userId: string) =>
  ({ userId: Number(userId), sessionId: Number(userId), role: "user" }) as const;

/** A server, its database and the devices of a few people, all in this thread and in virtual time. */
export class World {
  readonly history = new History();
  readonly devices: Device[] = [];
  readonly userIds: string[] = [];
  readonly lines = new Set<Line>();
  readonly faults: Faults;
  readonly trace: Trace;
  server!: ServerProcess;
  storage!: Storage;
  /** While it is down, nobody gets in. */
  #up = false;
  #generation = 0;
  #killAt: CommitMoment | null = null;
  #killed = () => {};
  readonly #nextId: () => number;

  constructor(readonly time: VirtualTime, readonly random: Random, private readonly size: WorldSize) {
    this.faults = new Faults(random.fork());
    this.trace = new Trace(() => this.time.nowMs);
    const ids = random.fork();
    this.#nextId = createIds(() => time.nowMs, () => ids.next());
    time.onError = (error) => this.fail(error);
  }

  static async open(random: Random, size: WorldSize): Promise<World & AsyncDisposable> {
    const time = new VirtualTime(START_MS + worlds++ * DAY_MS, random.fork());
    const uninstall = time.install();
    const world = new World(time, random, size);
    const onError = (event: ErrorEvent | PromiseRejectionEvent) => {
      event.preventDefault();
      world.fail("reason" in event ? event.reason : event.error);
    };
    addEventListener("error", onError);
    addEventListener("unhandledrejection", onError);
    const storage = openSqlite(":memory:");
    await migrate(storage);
    world.storage = storage;
    await world.#settleIn();
    return Object.assign(world, {
      async [Symbol.asyncDispose]() {
        for (const device of world.devices) device.stop();
        world.server.kill();
        await storage.close();
        removeEventListener("error", onError);
        removeEventListener("unhandledrejection", onError);
        uninstall();
      },
    });
  }

  /** Something that no promise allows to happen at all. */
  fail(error: unknown): void {
    this.history.broken.push(`P0: ${error instanceof Error ? error.stack : error}`);
  }

  async #settleIn(): Promise<void> {
    const data = createLocalData(this.storage, { now: () => this.time.nowMs, nextId: this.#nextId });
    for (let i = 0; i < this.size.users; i++) {
      const name = `user${i}`;
      const names = { username: name, usernameKey: name, displayName: name, displayKey: name };
      const { id } = await data.users.create({ ...names, passwordHash: "none" });
      this.userIds.push(String(id));
      this.trace.name(String(id), `u${i}`);
    }
    this.startServer();
    for (let i = 0; i < this.size.users + this.size.secondDevices; i++) {
      const user = i % this.size.users;
      this.devices.push(this.device(`u${user}${i < this.size.users ? "" : "'"}`, this.userIds[user]));
    }
    for (const device of this.devices) device.start();
  }

  /** One that was never there before. */
  device(name: string, userId: string): Device {
    return new Device(name, userId, this.#door(userId), this.history, (text) => this.trace.note(text));
  }

  startServer(): void {
    if (this.#up) return;
    const { storage, time, faults, trace } = this;
    const say = (message: string, fields: object = {}) =>
      trace.note(`server: ${message} ${JSON.stringify(fields)}`);
    const error = (message: string, fields: object = {}) => {
      say(message, fields);
      this.fail(`the server logged an error: ${message} ${JSON.stringify(fields)}`);
    };
    const log = { debug: say, info: say, warn: say, error };
    const nextId = this.#nextId;
    this.server = new ServerProcess({ storage, time, faults, nextId, gateways: this.size.gateways, log });
    this.server.storage.onMoment = (moment) => {
      if (moment === this.#killAt) this.killServer();
    };
    this.#up = true;
    this.#generation += 1;
    trace.note(`server ${this.#generation} starts`);
  }

  /** kill -9, now; whoever waits for it to come up again does so in vain until `startServer`. */
  killServer(): void {
    if (!this.#up) return;
    this.trace.note(`server ${this.#generation} is killed${this.#killAt ? ` at ${this.#killAt}` : ""}`);
    this.#up = false;
    this.#killAt = null;
    this.server.kill();
    this.#killed();
  }

  /** kill -9 at the next such moment of a transaction; resolves when that has come. */
  killServerAt(moment: CommitMoment): Promise<void> {
    this.#killAt = moment;
    return new Promise((resolve) => this.#killed = resolve);
  }

  /** Whoever was to be killed is not, and whoever is down comes up. */
  calm(): void {
    this.#killAt = null;
    this.startServer();
    for (const { bus } of this.server.gateways) bus.deafUntilMs = 0;
  }

  get up(): boolean {
    return this.#up;
  }

  #door(userId: string): Door {
    // deno-lint-ignore no-this-alias -- a constructor that returns another object has no use for its own
    const world = this;
    return {
      WebSocket: function () {
        return world.#connect(userId);
      } as unknown as Door["WebSocket"],
      fetch:
        ((url: string, { signal }: RequestInit) =>
          abortable(world.#fetch(url, userId), signal ?? undefined)) as unknown as typeof fetch,
    };
  }

  /** The one thing that is asked over REST: whether the server still knows this client. */
  async #fetch(url: string, userId: string): Promise<Pick<Response, "ok" | "status" | "text">> {
    await this.time.delay(this.faults.frameDelayMs());
    if (!this.#up) throw new Error("connection refused");
    if (!url.endsWith("/users/me")) throw new Error(`${url} is not to be asked for here`);
    const gateway = this.random.pick(this.server.gateways)!;
    const me = await gateway.dispatch("user.me", {}, callerOf(userId), ORIGIN);
    return { ok: true, status: 200, text: () => Promise.resolve(JSON.stringify(me)) };
  }

  #connect(userId: string): ClientEnd {
    const line = new Line(this.time, this.faults, this.history.tap(userId));
    this.lines.add(line);
    this.time.after(this.faults.frameDelayMs(), () => {
      if (!this.#up || (this.faults.on && this.random.chance(0.05))) return line.cut(0, null);
      line.carry("toClient", () => line.client.opened());
      line.server.on("close", () => this.lines.delete(line));
      const index = this.random.int(0, this.server.gateways.length - 1);
      this.trace.note(`${this.trace.nameOf(userId)} is let in by gateway ${index}`);
      this.server.gateways[index].accept(line, callerOf(userId));
    });
    return line.client;
  }
}
