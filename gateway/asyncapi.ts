import type * as z from "zod";
import { CLOSE_CODES } from "../wire/close_codes.ts";
import { ERRORS } from "../wire/errors.ts";
import { idempotencyOf, idempotencySentence } from "../wire/idempotency.ts";
import { type Operation, operations, SUBPROTOCOL, WS_PATH } from "../wire/mod.ts";
import { notificationSchemas } from "../wire/notification_schemas.ts";
import { type Json, SchemaBook } from "./schema_book.ts";

const CHANNEL = "#/channels/socket";
/** Names of a document's parts have no dots. */
const key = (name: string) => name.replaceAll(".", "-");

/** The AsyncAPI 3.0 document of the WebSocket: every call with its answer, and what is said unasked. */
export function asyncApi(version: string): Json {
  const book = new SchemaBook();
  const messages: Record<string, Json> = { problem: problemMessage() };
  const parts: Record<string, Json> = {};
  // An operation with a stream exists over REST only.
  const calls = (Object.entries(operations) as [string, Operation][]).filter(([, { stream }]) => !stream);
  for (const [name, operation] of calls) {
    messages[`call-${key(name)}`] = callMessage(name, operation, book);
    messages[`answer-${key(name)}`] = answerMessage(name, operation, book);
    parts[`call-${key(name)}`] = {
      action: "receive",
      channel: { $ref: CHANNEL },
      summary: operation.summary,
      description: `${idempotencySentence(idempotencyOf(operation))}.`,
      "x-idempotency": idempotencyOf(operation),
      messages: [{ $ref: `${CHANNEL}/messages/call-${key(name)}` }],
      reply: {
        channel: { $ref: CHANNEL },
        messages: [
          { $ref: `${CHANNEL}/messages/answer-${key(name)}` },
          { $ref: `${CHANNEL}/messages/problem` },
        ],
      },
    };
  }
  for (const [name, schema] of Object.entries(notificationSchemas) as [string, z.ZodType][]) {
    messages[`told-${key(name)}`] = toldMessage(name, schema, book);
    parts[`told-${key(name)}`] = {
      action: "send",
      channel: { $ref: CHANNEL },
      summary: schema.meta()?.description ?? name,
      messages: [{ $ref: `${CHANNEL}/messages/told-${key(name)}` }],
    };
  }
  const references = Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "IMServer",
      version,
      description: "JSON-RPC 2.0 on one WebSocket, in text frames; several messages may come in one, as an " +
        `array. Why it is closed: ${closeCodes()}.`,
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    channels: {
      socket: {
        address: WS_PATH,
        description: `Subprotocol \`${SUBPROTOCOL}\`; by cookie, or \`Authorization: Bearer\``,
        messages: Object.fromEntries(references),
      },
    },
    operations: parts,
    components: { messages, schemas: book.schemas },
  };
}

const RPC = { jsonrpc: { const: "2.0" } };
const CALL_ID = { type: ["integer", "string"], description: "The caller's own; the answer has it too" };

function object(properties: Json, required = Object.keys(properties)): Json {
  return { type: "object", properties, required };
}

function callMessage(name: string, { input, summary }: Operation, book: SchemaBook): Json {
  const params = book.of(input, "input");
  const required = ((params.required ?? []) as string[]).length > 0 ? ["params"] : [];
  const properties = { ...RPC, id: CALL_ID, method: { const: name }, params };
  return { name, summary, payload: object(properties, ["jsonrpc", "id", "method", ...required]) };
}

function answerMessage(name: string, { output }: Operation, book: SchemaBook): Json {
  const payload = object({ ...RPC, id: CALL_ID, result: book.of(output, "output") });
  return { name: `${name}: answer`, payload };
}

function toldMessage(name: string, schema: z.ZodType, book: SchemaBook): Json {
  const params = book.of(schema, "output");
  return { name, payload: object({ ...RPC, method: { const: name }, params }) };
}

function problemMessage(): Json {
  const data = {
    type: "object",
    properties: {
      code: { enum: Object.keys(ERRORS) },
      advice: { enum: ["fix", "login", "retry", "stop"] },
      field: { type: "string" },
      retryAfterMs: { type: "integer" },
    },
    required: ["code", "advice"],
  };
  const error = object({ code: { type: "integer" }, message: { type: "string" }, data });
  return { name: "error", payload: object({ ...RPC, id: { type: ["integer", "string", "null"] }, error }) };
}

function closeCodes(): string {
  return Object.values(CLOSE_CODES).map(({ number, title }) => `${number} ${title}`).join("; ");
}
