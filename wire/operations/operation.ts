import * as z from "zod";
import type { Idempotency } from "../idempotency.ts";
import type { LimitClass } from "../limits.ts";
import type { BotAccess } from "../scopes.ts";

/**
 * What a client can do, declared once and served on both doors: as the JSON-RPC method `name` on the
 * WebSocket and as `method /api/v1{path}` over REST. In a path, `{field}` is a field of the input; the other
 * fields travel in the query of a GET or DELETE and in the JSON body of the rest. Unknown fields are refused.
 */
export interface Operation {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  /** Who may call it: anyone, a user with a session, or one who is an admin of the server at that moment. */
  access: "public" | "user" | "admin";
  /** What a bot's token must be for, where that is not what wire/scopes.ts makes of the name. */
  bots?: BotAccess;
  /** What a call counts as for rate limits, where that is not what wire/limits.ts makes of its name. */
  limit?: LimitClass;
  /** What a second call does, where that is not what the method means (wire/idempotency.ts). */
  idempotent?: Idempotency;
  summary: string;
  input: z.ZodObject;
  output: z.ZodType;
  /**
   * What travels as bytes in place of JSON, by its media type: the request's `body`, the `answer`, or both. It then
   * exists over REST only (a WebSocket answers invalid_request), and the fields beside a body that are not in the
   * path travel in the query.
   */
  stream?: { body?: string; answer?: string };
}

/** The output of an operation whose answer is a stream. */
export const Bytes = z.unknown().meta({ description: "The bytes themselves" });

export const Empty = z.strictObject({});
export const Ok = z.object({});
export const limit = (max: number, usual: number) =>
  z.int().min(1).default(usual).transform((n) => Math.min(n, max)).meta({
    description: `How many at the most; over ${max} counts as ${max}`,
  });
export const Cursor = z.string().max(200).optional().meta({ description: "`nextCursor` of the page before" });
