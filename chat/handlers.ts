import type { Listener } from "./listener.ts";
import type { OperationName, Operations, Output, Parsed } from "../wire/mod.ts";

/** Who calls an operation that needs a session. */
export interface Caller {
  userId: number;
  sessionId: number;
  role: "user" | "admin";
  /** The WebSocket the call came on; absent over REST. */
  connection?: Listener;
}

/** What is known of anyone who calls. */
export interface Origin {
  /** The network address, for limits. */
  address: string;
  /** What the client calls itself (User-Agent), the default name of a session. */
  agent: string;
}

type From<N extends OperationName> = Operations[N]["access"] extends "public" ? Origin : Caller;

/** One function for each operation of wire/operations.ts; the input is validated, the output is trusted. */
export type Handlers<N extends OperationName = OperationName> = {
  [K in N]: (from: From<K>, input: Parsed<K>) => Promise<Output<K>>;
};

/** The handlers of one family: `HandlersOf<"group">` are those of all operations `group.…`. */
export type HandlersOf<Family extends string> = Handlers<Extract<OperationName, `${Family}.${string}`>>;
