import type * as z from "zod";
import type { AdminCaller, Caller, Handlers, Origin, Upload } from "../chat/handlers.ts";
import type { SecurityLog } from "./security_log.ts";
import {
  API_PREFIX,
  botAccessOf,
  ImError,
  type Operation,
  type OperationName,
  operations,
  scopesIn,
  suffices,
} from "../wire/mod.ts";

/** Runs an operation for either door: finds it, checks who calls, validates the input, calls the handler. */
export interface Dispatch {
  /**
   * `body`: the bytes of the request; only a door that can carry streams gives it. Errors: method_not_found,
   * unauthenticated, forbidden and scope_missing (wire/scopes.ts), invalid_params, invalid_request (an operation with a stream on a door without), and what the
   * operation's handler throws.
   */
  (name: string, input: unknown, caller: Caller | null, origin: Origin, body?: Upload): Promise<unknown>;
}

/** Rejects with forbidden, unless the caller is an admin of the server now: a role in a token may be out of date. */
export type RequireAdmin = (caller: Caller) => Promise<void>;

export function createDispatch(
  handlers: Handlers,
  requireAdmin: RequireAdmin,
  security?: SecurityLog,
): Dispatch {
  // One function for all of it: a message is sent through here, and each await more is one more for every message.
  return async (name, input, caller, origin, body) => {
    try {
      if (!Object.hasOwn(operations, name)) throw new ImError("method_not_found");
      const operation: Operation = operations[name as OperationName];
      if (operation.access !== "public" && !caller) throw new ImError("unauthenticated");
      if (caller?.scopes) requireScope(name, operation, caller.scopes);
      if (operation.access === "admin") await requireAdmin(caller!);
      if (operation.stream && !body) {
        const route = `${operation.method} ${API_PREFIX}${operation.path}`;
        throw new ImError("invalid_request", `It is made of bytes and exists over REST only: ${route}`);
      }
      const parsed = parse(operation.input, input);
      const handler = handlers[name as OperationName] as (
        from: Caller | Origin | AdminCaller,
        input: unknown,
        body?: Upload,
      ) => Promise<unknown>;
      const output = await handler(fromOf(operation, caller, origin), parsed, body);
      security?.done(name, caller, origin, output);
      return output;
    } catch (error) {
      security?.refused(name, caller, origin, error);
      throw error;
    }
  };
}

/** As the handler of such an operation wants it. A message is sent by a user: for them nothing is made. */
function fromOf({ access }: Operation, caller: Caller | null, origin: Origin): Caller | Origin | AdminCaller {
  if (access === "user") return caller!;
  return access === "public" ? origin : { ...caller!, ...origin };
}

function requireScope(name: string, operation: Operation, scopes: readonly string[]): void {
  const needed = botAccessOf(name, operation);
  if (needed === "never") throw new ImError("forbidden", "Not for bots");
  if (!suffices(scopes, needed)) {
    throw new ImError("scope_missing", `The token needs the scope ${scopesIn(needed).join(" and ")}`);
  }
}

function parse(schema: z.ZodObject, input: unknown): unknown {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  // For an unknown field zod points at the object; the field itself is more use.
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]] : issue.path;
  const field = path.map(String).join(".").slice(0, 100);
  const what = sentence(issue);
  throw new ImError("invalid_params", field ? `${field}: ${what}` : what, field ? { field } : {});
}

/** What is wrong, in the words of this project where the library's are a programmer's. */
function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return "is not a known field";
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be ${article(issue.expected)}`;
    case "too_small":
      return `must ${measure(issue.origin)} at least ${issue.minimum}`;
    case "too_big":
      return `must ${measure(issue.origin)} at most ${issue.maximum}`;
    case "invalid_union":
      return "must be one of the known types";
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    default:
      return issue.message;
  }
}

function article(type: string): string {
  return type === "int" ? "a whole number" : /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function measure(origin: string): string {
  return origin === "string" ? "have a length of" : origin === "array" ? "have a number of items of" : "be";
}
