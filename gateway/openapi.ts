import { EntryContents, InboxContents } from "../wire/entries.ts";
import { idempotencyOf, idempotencySentence } from "../wire/idempotency.ts";
import { API_PREFIX, limitClassOf, type Operation, operations } from "../wire/mod.ts";
import { ACCESS_COOKIE } from "./cookies.ts";
import { exampleOf } from "./example.ts";
import { PROBLEM, PROBLEM_STATUSES, problemResponses } from "./problem_schemas.ts";
import { type Json, SchemaBook } from "./schema_book.ts";

/** The OpenAPI 3.1 document of every operation over REST. */
export function openApi(version: string): Json {
  const book = new SchemaBook();
  const paths: Record<string, Json> = {};
  const all = Object.entries(operations) as [string, Operation][];
  for (const [name, operation] of all) {
    const path = paths[API_PREFIX + operation.path] ??= {};
    path[operation.method.toLowerCase()] = describe(name, operation, book);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "IMServer",
      version,
      description: "Every operation over REST. The same ones, and what the server says unasked, are on the " +
        "WebSocket: see /asyncapi.json. Fields that a client does not know are to be passed over.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(all.map(([name]) => name.split(".")[0]))].map((name) => ({ name })),
    paths,
    components: {
      schemas: {
        ...book.schemas,
        Problem: PROBLEM,
        EntryContents: book.of(EntryContents, "output"),
        InboxContents: book.of(InboxContents, "output"),
      },
      responses: problemResponses(),
      headers: {
        RateLimit: { schema: { type: "string" }, description: "What is left, and until when" },
        RateLimitPolicy: { schema: { type: "string" }, description: "How many calls in how many seconds" },
      },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An access token" },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: ACCESS_COOKIE,
          description: "Set by a login with `cookie: true`, for pages of this server",
        },
      },
    },
  };
}

function describe(name: string, operation: Operation, book: SchemaBook): Json {
  const { method, summary, access, stream } = operation;
  const idempotency = idempotencyOf(operation);
  const input = book.of(operation.input, "input");
  const { parameters, body } = partsOf(operation, input);
  return {
    operationId: name,
    tags: [name.split(".")[0]],
    summary,
    ...(method === "GET" ? {} : { description: `${idempotencySentence(idempotency)}.` }),
    "x-idempotency": idempotency,
    "x-rate-limit": limitClassOf(name, operation),
    security: access === "public" ? [] : [{ bearer: [] }, { cookie: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(stream?.body
      ? { requestBody: { required: true, content: { [stream.body]: { schema: {} } } } }
      : body
      ? {
        requestBody: {
          required: true,
          content: { "application/json": { schema: body, example: exampleOf(body, book.schemas) } },
        },
      }
      : {}),
    responses: responsesOf(operation, book),
  };
}

/** Where the fields of an input travel: in the path, in the query, and in the body. */
function partsOf({ method, path, stream }: Operation, input: Json): { parameters: Json[]; body?: Json } {
  const properties = input.properties as Record<string, Json>;
  const required = new Set((input.required ?? []) as string[]);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field);
  const others = Object.keys(properties).filter((field) => !inPath.includes(field));
  const parameter = (field: string, where: "path" | "query"): Json => ({
    name: field,
    in: where,
    required: where === "path" || required.has(field),
    schema: properties[field],
  });
  const parameters = inPath.map((field) => parameter(field, "path"));
  if (method === "GET" || method === "DELETE" || stream?.body) {
    return { parameters: [...parameters, ...others.map((field) => parameter(field, "query"))] };
  }
  const body = {
    type: "object",
    properties: Object.fromEntries(others.map((field) => [field, properties[field]])),
    required: others.filter((field) => required.has(field)),
    additionalProperties: false,
  };
  return { parameters, body };
}

const RATE_HEADERS = {
  RateLimit: { $ref: "#/components/headers/RateLimit" },
  "RateLimit-Policy": { $ref: "#/components/headers/RateLimitPolicy" },
};

function responsesOf({ output, stream }: Operation, book: SchemaBook): Record<string, Json> {
  const answer = stream?.answer
    ? { [stream.answer]: { schema: {} } }
    : { "application/json": { schema: book.of(output, "output") } };
  // Of a method that a path has not and of the WebSocket's own route no operation says anything.
  const problems = PROBLEM_STATUSES.filter((status) => status !== 405 && status !== 426);
  return {
    200: { description: "Done", headers: RATE_HEADERS, content: answer },
    ...(stream?.answer ? { 206: { description: "A part of it", content: answer } } : {}),
    ...Object.fromEntries(
      problems.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
    ),
  };
}
