import { setImmediate } from "node:timers";
import type { RawData } from "ws";
import type { Caller, Origin } from "../chat/handlers.ts";
import type { Hub } from "../chat/hub.ts";
import type { Listener } from "../chat/listener.ts";
import { notificationFrame } from "../chat/present.ts";
import type { Logger } from "../kit/log.ts";
import { UNTRACED } from "../kit/tracer.ts";
import type { Tracer } from "../kit/tracer.ts";
import {
  CLOSE_CODES,
  type CloseCode,
  ImError,
  mayHear,
  type NotificationName,
  type OperationName,
  operations,
} from "../wire/mod.ts";
import type { Dispatch } from "./dispatch.ts";
import type { RequireRunning } from "./authenticate.ts";
import type { GatewayNumbers } from "./numbers.ts";
import type { RateLimits } from "./rate_limits.ts";
import { MAX_BUFFERED_BYTES, MAX_STALL_MS, Outbox } from "./outbox.ts";
import { toImError } from "./problem.ts";
import type { ReasonedSocket } from "./reasoned_socket.ts";
import { errorFrame, isRequest, notRequestFrame, resultFrame } from "./rpc.ts";

/** Requests one batch may hold, and one socket may have under way. */
const MAX_BATCH = 100;
const MAX_IN_FLIGHT = 1000;
/** What a stalled peer gets to wake up and read why it is cut off. */
const STALLED_CLOSE_MS = 1_000;
/** What is under way when the server stops may take so long. */
const ANSWER_TIMEOUT_MS = 2_000;

const RETRY_SOON = { retryAfterMs: 200 };

export interface ConnectionParts {
  dispatch: Dispatch;
  hub: Pick<Hub, "attach">;
  /** The store's epoch (proto/log.proto). */
  epoch: () => Promise<number>;
  /** Rejects with session_ended. */
  requireRunning: RequireRunning;
  /** Absent: nobody is limited. */
  limits?: Pick<RateLimits, "takeCall">;
  numbers?: GatewayNumbers;
  tracer?: Tracer;
  log: Logger;
  now: () => number;
}

/** One WebSocket of one session: JSON-RPC 2.0 in both directions. */
export class Connection implements Listener {
  readonly userId: number;
  readonly sessionId: number;
  readonly scopes?: readonly string[];
  /** Heard from since the last heartbeat. */
  alive = true;
  #socket: ReasonedSocket;
  #caller: Caller;
  #origin: Origin;
  #parts: ConnectionParts;
  #outbox: Outbox;
  #inFlight = 0;
  /** Characters of responses that wait for the others of their batch. */
  #heldLength = 0;
  #lastRead: Promise<void> = Promise.resolve();
  #onIdle = () => {};
  #ready = false;
  #leaving = false;
  #ended = false;

  constructor(socket: ReasonedSocket, caller: Caller, origin: Origin, parts: ConnectionParts) {
    this.#socket = socket;
    this.#caller = { ...caller, connection: this };
    this.#origin = origin;
    this.#parts = parts;
    this.userId = caller.userId;
    this.sessionId = caller.sessionId;
    this.scopes = caller.scopes;
    const behind = () => parts.numbers?.fellBehind.add();
    this.#outbox = new Outbox(socket, () => this.end("slow_consumer"), behind);
    // ws answers malformed frames, bad UTF-8 and oversize by itself (1002, 1007, 1009) and reports them here.
    socket.on("error", (error: Error) => parts.log.debug("socket error", { error: error.message }));
    socket.on("pong", () => this.alive = true);
    socket.on("message", (data: RawData, isBinary: boolean) => {
      this.alive = true;
      // ws goes on reading until the peer answers our close frame.
      if (this.#ended) return;
      if (isBinary) this.end("binary_not_supported");
      else this.#receive(data.toString());
    });
  }

  /** Joins the hub, then says `session.ready`: from there on nothing new is missed. */
  async open(): Promise<void> {
    const { hub, requireRunning, log, now, epoch } = this.#parts;
    const { userId, sessionId } = this;
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    let place;
    try {
      const detach = await hub.attach(this);
      closed.then(detach);
      // Had it ended between the upgrade and now, nobody would have told this socket.
      await requireRunning({ id: sessionId });
      place = { userId: String(userId), sessionId: String(sessionId), epoch: await epoch() };
    } catch (error) {
      const { code } = toImError(error, log, "attach");
      return this.end(code === "session_ended" ? code : "overloaded");
    }
    this.#ready = true;
    this.#outbox.push(notificationFrame("session.ready", { ...place, serverTime: now() }));
  }

  /**
   * What the hub tells: hints, for who has been told that the session is ready and is not behind with reading. The one
   * place where a bot's scopes limit them.
   */
  push(frame: string, name: NotificationName): void {
    if (this.#ready && mayHear(this.scopes, name)) this.#outbox.hint(frame);
  }

  /** Hears no more, and closes after this turn of the event loop, so that a logout's own answer still leaves. */
  end(code: CloseCode, retryAfterMs?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#parts.numbers?.ended(code);
    setImmediate(() => {
      this.#outbox.finish();
      this.#socket.close(CLOSE_CODES[code].number, JSON.stringify({ code, retryAfterMs }));
    });
  }

  /** Sends the client away, after the answers to what is under way. What comes meanwhile is refused. */
  leave(retryAfterMs: number): void {
    this.#leaving = true;
    const end = () => this.end("going_away", retryAfterMs);
    if (this.#inFlight === 0) return end();
    const timer = setTimeout(end, ANSWER_TIMEOUT_MS);
    this.#onIdle = () => {
      clearTimeout(timer);
      end();
    };
  }

  /** What waits for the peer to read it: characters and bytes, near enough the same. */
  get backlog(): number {
    return this.#outbox.backlog;
  }

  /** Whether the peer has stopped reading. Ask every few seconds. */
  isStalled(nowMs: number): boolean {
    return this.#outbox.stalledMs(nowMs) >= MAX_STALL_MS;
  }

  /** Cuts off a peer that has stopped reading. Its close frame waits behind the rest, so it gets little time. */
  cut(): void {
    this.end("slow_consumer");
    setTimeout(() => this.#socket.terminate(), STALLED_CLOSE_MS);
  }

  /** Asks for a sign of life; who gave none since the last time is cut off. */
  heartbeat(): void {
    if (!this.alive) {
      this.#parts.numbers?.ended("no_pulse");
      return this.#socket.terminate();
    }
    this.alive = false;
    this.#socket.ping();
  }

  #receive(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return this.#outbox.push(errorFrame(null, new ImError("parse_error")));
    }
    if (Array.isArray(message)) return void this.#answerBatch(message);
    this.#answer(message).then((response) => response !== null && this.#outbox.push(response));
  }

  /** The responses to a batch leave together, as one array, when the last one is there (JSON-RPC 2.0, section 6). */
  async #answerBatch(messages: unknown[]): Promise<void> {
    if (messages.length === 0 || messages.length > MAX_BATCH) {
      const error = new ImError("invalid_request", `A batch holds 1 to ${MAX_BATCH} requests`);
      return this.#outbox.push(errorFrame(null, error));
    }
    let held = 0;
    const responses = await Promise.all(messages.map(async (message) => {
      const response = await this.#answer(message);
      held += response?.length ?? 0;
      this.#heldLength += response?.length ?? 0;
      return response;
    }));
    this.#heldLength -= held;
    const worthSaying = responses.filter((response) => response !== null);
    if (worthSaying.length > 0) this.#outbox.pushFrame(`[${worthSaying}]`);
  }

  /** The response; null to a notification (no id), which gets none, not even an error (section 4.1). Never rejects. */
  async #answer(message: unknown): Promise<string | null> {
    if (!isRequest(message)) return notRequestFrame(message);
    const { id, method, params = {}, traceparent = this.#origin.traceparent } = message;
    const refusal = (error: ImError) => id === undefined ? null : errorFrame(id, error);
    if (this.#leaving) return refusal(new ImError("unavailable", "The server stops", RETRY_SOON));
    if (this.#inFlight >= MAX_IN_FLIGHT) {
      return refusal(new ImError("overloaded", "Too many requests under way on this socket", RETRY_SOON));
    }
    this.#inFlight += 1;
    try {
      const { tracer = UNTRACED } = this.#parts;
      // What is no operation has a name that its sender chose.
      const name = Object.hasOwn(operations, method) ? method : "unknown";
      const result = await tracer.request(name, traceparent, () => this.#call(method, params));
      return id === undefined ? null : resultFrame(id, result);
    } catch (error) {
      return refusal(toImError(error, this.#parts.log, method));
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#onIdle();
    }
  }

  async #call(method: string, params: unknown): Promise<string> {
    if ((params as { cookie?: unknown }).cookie !== undefined) {
      throw new ImError("invalid_params", "cookie: cookies can only be set over REST", { field: "cookie" });
    }
    this.#parts.limits?.takeCall(method, this.#caller, this.#origin);
    const run = async () =>
      JSON.stringify(await this.#parts.dispatch(method, params, this.#caller, this.#origin));
    return isRead(method) ? await this.#inTurn(run) : await run();
  }

  /**
   * Reads run one after the other, since each may bring a large answer, and stop where too much waits to be taken
   * (P6). Writes run together, so that they share a commit.
   */
  #inTurn(read: () => Promise<string>): Promise<string> {
    const result = this.#lastRead.then(() => {
      if (this.#heldLength + this.#outbox.backlog <= MAX_BUFFERED_BYTES) return read();
      throw new ImError("overloaded", "Too many answers wait to be taken on this socket", RETRY_SOON);
    });
    this.#lastRead = result.then(() => {}, () => {});
    return result;
  }
}

function isRead(method: string): boolean {
  return Object.hasOwn(operations, method) && operations[method as OperationName].method === "GET";
}
