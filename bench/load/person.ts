import { type Closed, LoadSocket, type OpenOptions } from "./socket.ts";

/** An entry of a log as a notification brings it; the fields that a load looks at. */
export interface Heard {
  seq: number;
  kind: string;
  content: { text?: string };
}

interface Message {
  id?: number;
  method?: string;
  params?: { conversationId?: string; entries?: Heard[] };
  result?: unknown;
  error?: { message: string; data?: { code?: string } };
}

const decoder = new TextDecoder();

/** Somebody connected: JSON-RPC over a LoadSocket. */
export class LoadPerson {
  onAppend: (conversationId: string, entries: Heard[]) => void = () => {};
  #socket!: LoadSocket;
  readonly #ready = Promise.withResolvers<void>();
  readonly #waiting = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  #nextId = 1;

  private constructor() {}

  /** Resolves when the server has said `session.ready`; throws when it closes instead. */
  static async open(options: OpenOptions): Promise<LoadPerson> {
    const person = new LoadPerson();
    person.#socket = await LoadSocket.open(options, (payload) => person.#take(payload));
    void person.closed.then(({ code, reason }) => {
      const gone = new Error(`closed with ${code} ${reason}`);
      person.#ready.reject(gone);
      for (const { reject } of person.#waiting.values()) reject(gone);
      person.#waiting.clear();
    });
    await person.#ready.promise;
    return person;
  }

  get closed(): Promise<Closed> {
    return this.#socket.closed;
  }

  /** Takes the frames instead, for a load that would be too slow parsing each; answers come no more. */
  set onText(take: (payload: Uint8Array) => void) {
    this.#socket.onText = take;
  }

  call<T = unknown>(method: string, params: unknown): Promise<T> {
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  cut(): void {
    this.#socket.cut();
  }

  #take(payload: Uint8Array): void {
    const parsed: Message | Message[] = JSON.parse(decoder.decode(payload));
    if (Array.isArray(parsed)) { for (const message of parsed) this.#hear(message); }
    else this.#hear(parsed);
  }

  #hear({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(`${error.data?.code}: ${error.message}`));
      else waiting?.resolve(result);
    } else if (method === "log.append") this.onAppend(params!.conversationId!, params!.entries!);
    else if (method === "session.ready") this.#ready.resolve();
  }
}

/** Does so many things, so many at a time, in order of their number. */
export async function inParallel<T>(
  count: number,
  at: number,
  work: (index: number) => Promise<T>,
): Promise<T[]> {
  const done: T[] = new Array(count);
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(at, count) }, async () => {
    while (next < count) {
      const index = next++;
      done[index] = await work(index);
    }
  }));
  return done;
}
