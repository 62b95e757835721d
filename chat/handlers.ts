import type { Download } from "./download.ts";
import type { Listener } from "./listener.ts";
import type { OperationName, Operations, Output, Parsed } from "../wire/mod.ts";

/** Who calls an operation that needs a session. */
export interface Caller {
  userId: number;
  sessionId: number;
  role: "user" | "admin";
  /** What a bot's token is for; absent: a person, who may all that they may. */
  scopes?: readonly string[];
  /** The WebSocket the call came on; absent over REST. */
  connection?: Listener;
}

/** What is known of anyone who calls. */
export interface Origin {
  /** The network address, for limits. */
  address: string;
  /** What the client calls itself (User-Agent), the default name of a session. */
  agent: string;
  /** The trace that everything on its WebSocket belongs to, unless a call says otherwise. */
  traceparent?: string;
}

/** An admin of the server, and where they call from. */
export type AdminCaller = Caller & Origin;

type From<N extends OperationName> = Operations[N]["access"] extends "public" ? Origin
  : Operations[N]["access"] extends "admin" ? AdminCaller
  : Caller;

/** The bytes of a request, as they come. Whoever stops reading early leaves the rest to be dropped. */
export type Upload = AsyncIterable<Uint8Array>;

type Answer<N extends OperationName> = Operations[N] extends { stream: { answer: string } } ? Download
  : Output<N>;

/**
 * One function for each operation of wire/operations.ts; the input is validated, the output is trusted. Where the
 * body is a stream, it is the third parameter; where the answer is one, a Download is answered.
 */
export type Handlers<N extends OperationName = OperationName> = {
  [K in N]: Operations[K] extends { stream: { body: string } }
    ? (from: From<K>, input: Parsed<K>, body: Upload) => Promise<Answer<K>>
    : (from: From<K>, input: Parsed<K>) => Promise<Answer<K>>;
};

/** The handlers of one family: `HandlersOf<"group">` are those of all operations `group.…`. */
export type HandlersOf<Family extends string> = Handlers<Extract<OperationName, `${Family}.${string}`>>;
