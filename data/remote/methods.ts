import { ConversationsDefinition } from "../../proto/gen/conversation.ts";
import { LogDefinition } from "../../proto/gen/log.ts";
import { RelationsDefinition } from "../../proto/gen/relation.ts";
import { SessionsDefinition } from "../../proto/gen/session.ts";
import { UsersDefinition } from "../../proto/gen/user.ts";
import type { Data } from "../service.ts";

/** The one table of what can be called from afar: every service of the Data contract, as its proto has it. */
export const SERVICES = {
  users: UsersDefinition,
  sessions: SessionsDefinition,
  relations: RelationsDefinition,
  conversations: ConversationsDefinition,
  log: LogDefinition,
} as const satisfies Record<keyof Data, { methods: Record<string, unknown> }>;

/** Any method of any service, seen from a transport. */
export type Call = (request: unknown) => Promise<unknown>;

/** `log.append` … of all methods, numbered: what travels instead of names. */
export const METHODS: readonly (readonly [service: keyof Data, method: string])[] = Object.entries(SERVICES)
  .flatMap(([service, { methods }]) => Object.keys(methods).map((m) => [service as keyof Data, m] as const));

/** Builds a Data whose every method goes through `call`. */
export function proxyData(call: (method: number, request: unknown) => Promise<unknown>): Data {
  const data: Record<string, Record<string, Call>> = {};
  METHODS.forEach(([service, method], number) => {
    (data[service] ??= {})[method] = (request) => call(number, request);
  });
  return data as unknown as Data;
}

/** The methods of a Data by number, for the end that answers. */
export function callTable(data: Data): readonly Call[] {
  return METHODS.map(([service, method]) => {
    const target = data[service] as unknown as Record<string, Call>;
    return (request) => target[method](request);
  });
}
