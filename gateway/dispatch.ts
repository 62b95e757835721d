import type * as z from "zod";
import type { Caller, Handlers, Origin } from "../chat/handlers.ts";
import { ImError, type Operation, type OperationName, operations } from "../wire/mod.ts";

/** Runs an operation for either door: finds it, checks who calls, validates the input, calls the handler. */
export interface Dispatch {
  /** Errors: method_not_found, unauthenticated, invalid_params and what the operation's handler throws. */
  (name: string, input: unknown, caller: Caller | null, origin: Origin): Promise<unknown>;
}

export function createDispatch(handlers: Handlers): Dispatch {
  return async (name, input, caller, origin) => {
    if (!Object.hasOwn(operations, name)) throw new ImError("method_not_found");
    const operation: Operation = operations[name as OperationName];
    if (operation.access !== "public" && !caller) throw new ImError("unauthenticated");
    const parsed = parse(operation.input, input);
    const handler = handlers[name as OperationName] as (
      from: Caller | Origin,
      input: unknown,
    ) => Promise<unknown>;
    return await handler(operation.access === "public" ? origin : caller!, parsed);
  };
}

function parse(schema: z.ZodObject, input: unknown): unknown {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  // For an unknown field zod points at the object; the field itself is more use.
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]] : issue.path;
  const field = path.map(String).join(".").slice(0, 100);
  const what = issue.code === "unrecognized_keys" ? "is not a known field" : issue.message;
  throw new ImError("invalid_params", field ? `${field}: ${what}` : what, field ? { field } : {});
}
