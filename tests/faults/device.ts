import { Client } from "../../sdk/client.ts";
import type { ConversationView } from "../../sdk/conversation_view.ts";
import { openOutbox } from "../../sdk/open_outbox.ts";
import { openView } from "../../sdk/open_view.ts";
import type { Outbox } from "../../sdk/outbox.ts";
import { MemoryOutboxStore } from "../../sdk/outbox_store.ts";
import type { SocketConstructor } from "../../sdk/socket.ts";
import { ERRORS, ImError } from "../../wire/errors.ts";
import type { Conversation } from "../../wire/schemas.ts";
import type { History } from "./history.ts";

/** The way of one device to the server. */
export interface Door {
  WebSocket: SocketConstructor;
  fetch: typeof fetch;
}

const BASE_URL = "http://checker.test";
const RETRY_MS = 400;
/** Small, so that views have pages. */
const PAGE_SIZE = 20;

/**
 * A person's device: the SDK's own client, outbox and views, and a list of conversations kept the way the web
 * client keeps it. Between `stop` and `start` it is off; its outbox's store and its sync token survive that.
 */
export class Device {
  client!: Client;
  outbox!: Outbox;
  running = false;
  /** What the server says of the conversations this person is in, as far as this device knows. */
  readonly heads = new Map<string, Conversation>();
  readonly views = new Map<string, ConversationView>();
  readonly #store = new MemoryOutboxStore();
  #token: string | undefined;
  #life = new AbortController();
  #synced = Promise.resolve();

  constructor(
    readonly name: string,
    readonly userId: string,
    private readonly door: Door,
    private readonly history: History,
    private readonly note: (text: string) => void,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.#life = new AbortController();
    const { signal } = this.#life;
    const { client, outbox } = this.#open();
    Object.assign(this, { client, outbox });
    client.on("inbox", ({ kind, content }) => {
      if (kind === "message.hidden") return;
      this.#inTurn(() => this.#refresh(String(content.conversationId), signal));
    });
    client.on("state", ({ state }) => this.note(`${this.name} is ${state}`));
    client.on("log.append", ({ conversationId }) => {
      // Between two pages of the list it moved from the one to come into the one that was.
      if (!this.heads.has(conversationId)) this.#inTurn(() => this.#refresh(conversationId, signal));
    });
    client.on("sync", () => this.#inTurn(() => this.#sync(signal)));
    outbox.on("sent", ({ item, ack }) => {
      const { clientId, conversationId, content } = item;
      const text = String((content as { text?: string }).text);
      this.history.ackedSends.push({ userId: this.userId, conversationId, clientId, text, seq: ack.seq });
    });
    client.connect();
  }

  /** The program ends; what it had in memory is gone. */
  stop(): void {
    if (!this.running) return;
    this.running = false;
    this.#life.abort(new ImError("unavailable", "The device is off"));
    for (const id of [...this.views.keys()]) this.#closeView(id);
    this.heads.clear();
    this.#token = undefined;
    this.outbox.close();
    this.client.close();
  }

  get online(): boolean {
    return this.running && this.client.state.state === "online";
  }

  /** Writes a message; the outbox sends it, however long that takes. */
  write(conversationId: string, text: string): void {
    const { clientId } = this.outbox.add(conversationId, { type: "text", text });
    this.history.sends.set(clientId, { userId: this.userId, conversationId, texts: [text], writer: this });
  }

  /** Asks for what happened since the last time, and for nothing else. Resolves when all is taken. */
  async syncHeads(): Promise<void> {
    const { signal } = this.#life;
    this.#inTurn(() => this.#sync(signal));
    await this.#synced;
  }

  #open() {
    const { WebSocket, fetch } = this.door;
    const client = new Client({
      baseUrl: BASE_URL,
      WebSocket,
      fetch,
      accessToken: this.userId,
      backoff: { capMs: 5_000 },
    });
    const outbox = openOutbox(client, { userId: this.userId, store: this.#store });
    return { client, outbox };
  }

  /** One after the other, so that an older answer never replaces a newer one. */
  #inTurn(work: () => Promise<void>): void {
    this.#synced = this.#synced.then(work).catch(() => {});
  }

  /** Until it works, or cannot, or the connection is lost: then the next one syncs anyway. */
  async #insist<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const retry = error instanceof ImError && ERRORS[error.code].advice === "retry";
        if (!retry || signal.aborted || !this.online) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #sync(signal: AbortSignal): Promise<void> {
    let cursor: string | undefined;
    let token: string;
    do {
      const input = { limit: 5, ...(this.#token && { token: this.#token }), ...(cursor && { cursor }) };
      const page = await this.#insist(() => this.client.call("sync.heads", input, { signal }), signal);
      for (const conversation of page.conversations) this.#take(conversation);
      for (const id of page.left) this.#drop(id);
      token = page.token;
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    this.#token = token;
  }

  async #refresh(conversationId: string, signal: AbortSignal): Promise<void> {
    try {
      const ask = () => this.client.call("conversation.get", { conversationId }, { signal });
      this.#take(await this.#insist(ask, signal));
    } catch (error) {
      if (error instanceof ImError && error.code === "conversation_not_found") this.#drop(conversationId);
    }
  }

  #take(conversation: Conversation): void {
    if (!this.running) return;
    this.heads.set(conversation.id, conversation);
    if (this.views.has(conversation.id)) return;
    const { client, outbox } = this;
    const view = openView(client, { conversationId: conversation.id, outbox, pageSize: PAGE_SIZE });
    this.views.set(conversation.id, view);
    let last = 0;
    const inOrder = (seq: number) => {
      if (seq <= last) this.history.broken.push(`P2: ${this.name} was told entry ${seq} after ${last}`);
      last = seq;
    };
    view.on("message", ({ seq }) => inOrder(seq));
    view.on("event", ({ seq }) => inOrder(seq));
  }

  #drop(conversationId: string): void {
    this.heads.delete(conversationId);
    this.#closeView(conversationId);
  }

  #closeView(conversationId: string): void {
    this.views.get(conversationId)?.close();
    this.views.delete(conversationId);
  }
}
