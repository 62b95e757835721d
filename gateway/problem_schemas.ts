import { ERRORS, type ErrorSpec } from "../wire/errors.ts";
import type { Json } from "./schema_book.ts";

const ENTRIES = Object.entries(ERRORS) as [string, ErrorSpec][];

/** The errors by the HTTP status they come with. */
const BY_STATUS = Map.groupBy(ENTRIES, ([, { status }]) => status);
export const PROBLEM_STATUSES: readonly number[] = [...BY_STATUS.keys()].sort((a, b) => a - b);

/** Problem details (RFC 9457) as this server writes them. */
export const PROBLEM: Json = {
  type: "object",
  description: "Problem details (RFC 9457). `code` is what programs compare.",
  properties: {
    type: { type: "string", format: "uri", description: "`urn:imserver:error:` and the code" },
    title: { type: "string" },
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string" },
    code: { type: "string", enum: ENTRIES.map(([code]) => code) },
    field: { type: "string", description: "The input field at fault, dotted" },
    retryAfterMs: { type: "integer", minimum: 0, description: "Wait so long before the same request" },
  },
  required: ["type", "title", "status", "detail", "code"],
};

/** One response for each status an error can have, with the codes it may be. */
export function problemResponses(): Record<string, Json> {
  const responses: Record<string, Json> = {};
  for (const status of PROBLEM_STATUSES) {
    const errors = BY_STATUS.get(status)!;
    const codes = errors.map(([code]) => code);
    const [first, { title }] = errors[0];
    responses[`Problem${status}`] = {
      description: errors.map(([code, { title }]) => `\`${code}\`: ${title}`).join("; "),
      ...(status === 401 ? { headers: { "WWW-Authenticate": { schema: { type: "string" } } } } : {}),
      ...(status === 429 || status === 503
        ? { headers: { "Retry-After": { schema: { type: "integer" }, description: "Seconds" } } }
        : {}),
      content: {
        "application/problem+json": {
          schema: {
            allOf: [
              { $ref: "#/components/schemas/Problem" },
              { properties: { status: { const: status }, code: { enum: codes } } },
            ],
          },
          example: { type: `urn:imserver:error:${first}`, title, status, detail: title, code: first },
        },
      },
    };
  }
  return responses;
}
