import { UsageError } from "../../config.ts";

/** What a check found: one line, and where it is not good what to do. */
export interface Finding {
  check: string;
  state: "ok" | "warning" | "fault";
  found: string;
  remedy?: string;
}

type Said = Omit<Finding, "check">;

export const ok = (found: string): Said => ({ state: "ok", found });
export const warning = (found: string, remedy: string): Said => ({ state: "warning", found, remedy });
export const fault = (found: string, remedy: string): Said => ({ state: "fault", found, remedy });

/** Looks and changes nothing. What it throws is a fault; a UsageError brings its remedy behind the last semicolon. */
export interface Check {
  name: string;
  look(): Promise<Said | Said[]>;
}

const WITHIN_MS = 10_000;

/** Runs all at once, each with a time limit; answers in their order. */
export async function runChecks(checks: readonly Check[], withinMs = WITHIN_MS): Promise<Finding[]> {
  const findings = await Promise.all(checks.map(async ({ name, look }) => {
    const said = await inTime(look, withinMs).catch(faultOf);
    return [said].flat().map((one) => ({ check: name, ...one }));
  }));
  return findings.flat();
}

async function inTime<T>(look: () => Promise<T>, withinMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const seconds = withinMs / 1000;
    late.reject(
      new UsageError(`no answer within ${seconds} s; look at the network and at the other side's load`),
    );
  }, withinMs);
  try {
    return await Promise.race([look(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The errors of the start say what is wrong and then the remedy. */
export function faultOf(error: unknown): Said {
  const message = error instanceof Error ? error.message : String(error);
  const at = error instanceof UsageError ? message.lastIndexOf("; ") : -1;
  return at < 0
    ? fault(message.split("\n", 1)[0], "this should not happen: please report it")
    : fault(message.slice(0, at), message.slice(at + 2));
}
