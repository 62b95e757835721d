import type { Settings } from "../config.ts";

/** What a command is given. */
export interface Call {
  settings: Settings;
  /** The words behind its name. */
  args: readonly string[];
  /** Its own flags. */
  flags: Readonly<Record<string, string | true | undefined>>;
  terminal: Terminal;
}

/** Where a command speaks. main.ts has the real one. */
export interface Terminal {
  /** To standard output, as it is. */
  print(text: string): void;
  /** To standard error: progress, for people. */
  tell(text: string): void;
  /** Everything on standard input, without the newline at its end. */
  readInput(): Promise<string>;
  /** Whether a person looks at standard output. */
  readonly isLive: boolean;
  /** Whether a person types on standard input. */
  readonly isTyped: boolean;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Runs to its end; answers the exit code: 0 good, 1 it found faults or failed. A mistake of the caller: UsageError (2). */
export type Command = (call: Call) => Promise<number>;
