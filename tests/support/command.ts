import { runCommand } from "../../modes/commands.ts";
import type { Terminal } from "../../modes/commands/command.ts";
import { readInvocation, UsageError } from "../../modes/config.ts";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command in this process, which is faster than a process of its own, with a text on its standard input. */
export async function runHere(args: string[], input = ""): Promise<Ran> {
  const ran: Ran = { code: 0, stdout: "", stderr: "" };
  const terminal: Terminal = {
    print: (text) => void (ran.stdout += text),
    tell: (text) => void (ran.stderr += text),
    readInput: () => Promise.resolve(input.replace(/\n$/, "")),
    isLive: false,
    isTyped: false,
    signal: new AbortController().signal,
  };
  try {
    const { command, flags, readSettings } = readInvocation(args);
    const settings = readSettings({ env: () => undefined, readFile: Deno.readTextFileSync });
    ran.code = await runCommand(command, { settings, flags, terminal });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    ran.code = 2;
    ran.stderr += error.message;
  }
  return ran;
}
