import { type ErrorCode, ERRORS, ImError } from "../wire/errors.ts";
import type { Notifications } from "../wire/notifications.ts";
import type { Input, OperationName, Output } from "../wire/operations.ts";
import type { InboxEntry } from "../wire/schemas.ts";
import { abortable } from "./abortable.ts";
import type { Backoff } from "./backoff.ts";
import { type ClientState, Connection } from "./connection.ts";
import { Credentials, type CredentialsOptions } from "./credentials.ts";
import { Emitter } from "./emitter.ts";
import { Inbox } from "./inbox.ts";
import { createRest, isRestName, putBytes, type Rest, type RestName, type RestOptions } from "./rest.ts";
import type { CallOptions } from "./rpc_line.ts";
import { openSocket, type SocketConstructor } from "./socket.ts";
import { uploadFile, type UploadOptions } from "./upload.ts";

export interface ClientOptions extends Partial<CredentialsOptions> {
  /** `https://chat.example.org`, without a slash at its end. */
  baseUrl: string;
  /** Needed where there is no global WebSocket, in Node 20 and 21: that of the package `ws`. */
  WebSocket?: SocketConstructor;
  fetch?: typeof fetch;
  backoff?: Backoff;
}

/** What `on` hears: the server's notifications, and what the client makes of them. */
export type ClientEvents = Notifications & {
  state: ClientState;
  /**
   * Pushes may have been missed: whatever is kept up to date by notifications asks for what is new. With
   * `restart` every seq and token of before is void (the server's data was restored, say): it begins anew.
   */
  sync: { restart: boolean };
  /** The entries of the caller's own log, in order and each once, from the first connection after `on` on. */
  inbox: InboxEntry;
};

const TIMEOUT_MS = 15_000;
/** A server's notifications must not pass for these. */
const OWN_EVENTS: ReadonlySet<string> = new Set(["state", "sync", "inbox"]);

/** One person on one device, towards one server. */
export class Client {
  readonly #events = new Emitter<ClientEvents>();
  readonly #credentials: Credentials;
  readonly #http: RestOptions;
  readonly #rest: Rest;
  readonly #connection: Connection;
  #renewing: Promise<void> | undefined;
  #inbox: Inbox | undefined;
  /** Whose logs of which epoch were last connected to. */
  #place: string | undefined;
  #userId: string | undefined;
  #state: ClientState = {
    state: "ended",
    needs: "nothing",
    error: new ImError("unavailable", "Not connected yet"),
  };

  constructor(private readonly options: ClientOptions) {
    const { baseUrl, cookie = false } = options;
    this.#credentials = new Credentials({ ...options, cookie }, () => this.#rest);
    this.#http = {
      baseUrl,
      cookie,
      fetch: options.fetch ?? ((...request) => fetch(...request)),
      headers: () => this.#credentials.headers,
    };
    this.#rest = createRest(this.#http);
    this.#connection = new Connection({
      open: () => openSocket(options.WebSocket ?? WebSocket, baseUrl, this.#credentials.headers),
      check: () => this.#check(),
      onState: (state) => {
        this.#state = state;
        if (state.state === "online") this.#userId = state.userId;
        this.#events.emit("state", state);
      },
      onNotification: (name, params) => this.#notified(name, params),
      backoff: options.backoff ?? {},
    });
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Who this client speaks for, as far as it knows: from the last login, or from the socket. */
  get userId(): string | undefined {
    return this.#userId;
  }

  /** Returns the function that takes the handler away again. */
  on<E extends keyof ClientEvents>(event: E, handler: (payload: ClientEvents[E]) => void): () => void {
    if (event === "inbox") this.#openInbox();
    return this.#events.on(event, handler);
  }

  /** Connects, and stays connected until `close`. What happens then is told by "state" events. */
  connect(): void {
    this.#connection.start();
  }

  /**
   * Resolves to the user's id as soon as calls can be made over the WebSocket. Rejects with the ImError that
   * ended the connection, or with the signal's reason; connects first if nobody has.
   */
  async online(signal?: AbortSignal): Promise<string> {
    this.connect();
    let off = () => {};
    const online = new Promise<string>((resolve, reject) => {
      const look = (state: ClientState) => {
        if (state.state === "online") resolve(state.userId);
        if (state.state === "ended") reject(state.error);
      };
      look(this.#state);
      off = this.on("state", look);
    });
    return await abortable(online, signal).finally(off);
  }

  close(error: ImError = new ImError("unavailable", "Closed")): void {
    this.#connection.stop({ needs: "nothing", error });
  }

  /**
   * Calls an operation: `auth.*` and `user.me` over REST, the others over the WebSocket. Rejects with ImError
   * (`unavailable` when there is no connection, or it gets lost on the way), or with the signal's reason.
   */
  async call<N extends OperationName>(
    name: N,
    input: Input<N>,
    options: CallOptions = {},
  ): Promise<Output<N>> {
    if (isRestName(name)) return await this.#callRest(name, input as Input<RestName>, options) as Output<N>;
    try {
      return await this.#connection.call(name, input, options) as Output<N>;
    } catch (error) {
      if (!isError(error, "token_expired") || !this.#credentials.mayRefresh(error)) throw error;
      await abortable(this.#renew(), options.signal);
      return await this.#connection.call(name, input, options) as Output<N>;
    }
  }

  /**
   * Uploads a file in pieces, resuming by itself after whatever cuts it off. Answers the file, whose `url` a message
   * names. Rejects with ImError, or with the signal's reason.
   */
  async uploadFile(bytes: Blob, options: UploadOptions = {}): Promise<Output<"file.complete">> {
    const source = {
      call: this.call.bind(this),
      put: (path: string, piece: Blob, signal: AbortSignal = new AbortController().signal) =>
        this.#refreshing(() => putBytes<Output<"file.upload">>(this.#http, path, piece, signal), signal),
      backoff: this.options.backoff ?? {},
    };
    return await uploadFile(source, bytes, options);
  }

  #openInbox(): void {
    if (this.#inbox) return;
    this.#inbox = new Inbox({
      read: (input, signal) => this.call("inbox.read", input, { signal }),
      onEntry: (entry) => this.#events.emit("inbox", entry),
    });
    if (this.#state.state === "online") this.#inbox.sync(false);
  }

  #notified(name: string, params: unknown): void {
    const ready = name === "session.ready" ? params as Notifications["session.ready"] : undefined;
    const missed = ready || name === "sync.needed";
    // An inbox that had not found its place may have missed what came since the connection before.
    const isLost = this.#place !== undefined && this.#inbox?.hasBegun === false;
    const isElsewhere = ready !== undefined && this.#isElsewhere(ready);
    const sync = missed ? { restart: isElsewhere || isLost } : undefined;
    // Asked before anything else: what is in no later answer is then in the inbox.
    if (sync) this.#inbox?.sync(sync.restart);
    if (name === "inbox.append") this.#inbox?.push((params as Notifications["inbox.append"]).entries);
    // The contract names the notifications and their shapes; one this client does not know has no handler.
    if (!OWN_EVENTS.has(name)) this.#events.emit(name as keyof Notifications, params as never);
    if (sync) this.#events.emit("sync", sync);
  }

  /** Whether the connection before was to another store, or for another user. */
  #isElsewhere({ userId, epoch }: Notifications["session.ready"]): boolean {
    const before = this.#place;
    this.#place = `${userId} ${epoch}`;
    return before !== undefined && before !== this.#place;
  }

  async #callRest(name: RestName, input: Input<RestName>, options: CallOptions): Promise<unknown> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    try {
      if (name === "user.me") return await this.#me(signal);
      if (name === "auth.methods") return await this.#rest(name, {}, signal);
      if (name === "auth.logout") return await this.#logout(signal);
      const cookie = this.options.cookie && { cookie: true };
      const login = await this.#rest(name, { ...input, ...cookie } as Input<typeof name>, signal);
      this.#credentials.accept(login as Output<"auth.login">);
      this.#userId = (login as Output<"auth.login">).user.id;
      if (name !== "auth.refresh") this.#connection.restart();
      return login;
    } catch (error) {
      if (timeout.aborted && error === timeout.reason) throw new ImError("unavailable", "No answer in time");
      throw error;
    }
  }

  async #me(signal: AbortSignal): Promise<Output<"user.me">> {
    const me = await this.#refreshing(() => this.#rest("user.me", {}, signal), signal);
    this.#userId = me.id;
    return me;
  }

  /** A session that is over already counts as logged out. */
  async #logout(signal: AbortSignal): Promise<Output<"auth.logout">> {
    try {
      await this.#refreshing(() => this.#rest("auth.logout", {}, signal), signal);
    } catch (error) {
      if (!isLoginAdvised(error)) throw error;
    }
    this.#credentials.forget();
    this.#userId = undefined;
    this.close(new ImError("session_ended", "Logged out"));
    return {};
  }

  /** Does it, and once more after a refresh when the access token has run out. */
  async #refreshing<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!this.#credentials.mayRefresh(error)) throw error;
    }
    await abortable(this.#credentials.refresh(), signal);
    return await work();
  }

  async #check(): Promise<boolean> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      await this.#rest("user.me", {}, signal);
      return false;
    } catch (error) {
      if (!this.#credentials.mayRefresh(error)) throw error;
      await this.#credentials.refresh();
      return true;
    }
  }

  /** New tokens, and a new socket that speaks for them. Calls that meet the expiry together share one. */
  #renew(): Promise<void> {
    this.#renewing ??= this.#credentials.refresh()
      .then(() => this.#connection.restart())
      .catch((error) => {
        if (isLoginAdvised(error)) this.#connection.stop({ needs: "login", error });
        throw error;
      })
      .finally(() => this.#renewing = undefined);
    return this.#renewing;
  }
}

function isError(error: unknown, code: ErrorCode): error is ImError {
  return error instanceof ImError && error.code === code;
}

function isLoginAdvised(error: unknown): error is ImError {
  return error instanceof ImError && ERRORS[error.code].advice === "login";
}

export function createClient(options: ClientOptions): Client {
  return new Client(options);
}
