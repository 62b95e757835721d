import type { Signals } from "../run.ts";
import type { Terminal } from "./command.ts";

/** The streams of this process. */
export function openTerminal(print: (text: string) => unknown, signals: Signals): Terminal {
  const aborter = new AbortController();
  signals.next().then((name) => aborter.abort(new Error(`${name} ended it`)));
  const encoder = new TextEncoder();
  return {
    print: (text) => void print(text),
    tell: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
    readInput: async () => (await new Response(Deno.stdin.readable).text()).replace(/\r?\n$/, ""),
    get isLive() {
      return Deno.stdout.isTerminal();
    },
    get isTyped() {
      return Deno.stdin.isTerminal();
    },
    signal: aborter.signal,
  };
}
