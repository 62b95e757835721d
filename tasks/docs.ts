import * as z from "zod";
import { File } from "../wire/operations/files.ts";
import { botAccessOf, scopesIn } from "../wire/scopes.ts";
import { Highlight } from "../wire/operations/search.ts";
import { Account, AuditLine, Broadcast } from "../wire/operations/admin.ts";
import { Bot, BotToken } from "../wire/operations/bots.ts";
import { CLOSE_CODES, type CloseSpec } from "../wire/close_codes.ts";
import { ENTRY_KINDS, INBOX_KINDS, type Kinds } from "../wire/entries.ts";
import { ERRORS, type ErrorSpec } from "../wire/errors.ts";
import {
  API_PREFIX,
  Content,
  Conversation,
  ConversationSettings,
  Entry,
  FileRef,
  Friend,
  Group,
  GroupLink,
  type Idempotency,
  idempotencyOf,
  idempotencySentence,
  InboxEntry,
  limitClassOf,
  Member,
  Message,
  type Operation,
  operations,
  Presence,
  Privacy,
  Profile,
  Relation,
  Self,
  User,
} from "../wire/mod.ts";

/**
 * `deno task docs`: writes the tables of docs/protocol.md from wire/, between their markers. A test compares,
 * so that the document and the code cannot drift apart.
 */

/** The document with its generated parts made anew. Throws when a marker is missing. */
export function withTables(document: string): string {
  const tables: Record<string, string> = {
    "entry kinds": kindsTable(ENTRY_KINDS),
    "inbox kinds": kindsTable(INBOX_KINDS),
    shapes: shapesList(),
    operations: operationsTable(),
    errors: errorsTable(),
    "close codes": closeCodesTable(),
  };
  let text = document;
  for (const [name, table] of Object.entries(tables)) {
    const part = new RegExp(`(<!-- generated: ${name} -->\n)[^]*?(<!-- end -->)`);
    if (!part.test(text)) throw new Error(`docs/protocol.md has no part "${name}"`);
    text = text.replace(part, (_, open, close) => `${open}\n${table}\n${close}`);
  }
  return text;
}

const WHO: Record<Operation["access"], string> = {
  public: " Needs no session.",
  user: "",
  admin: " For admins of the server.",
};

function botsLine(name: string, operation: Operation): string {
  const needed = operation.access === "public" ? "never" : botAccessOf(name, operation);
  if (needed === "never") return "";
  return `- Bots: ${scopesIn(needed).map((scope) => `\`${scope}\``).join(" and ") || "any token"}\n`;
}

function repeatedLine(operation: Operation): string {
  return operation.method === "GET" ? "" : `- ${repeatedSentence(idempotencyOf(operation))}\n`;
}

/** With codes as code. */
function repeatedSentence(idempotency: Idempotency): string {
  return idempotencySentence(idempotency).replace(/clientId|\w+_\w+|(?<=answers )\w+/g, "`$&`");
}

function operationsTable(): string {
  const all: [string, Operation][] = Object.entries(operations);
  return all.map(([name, operation]) => {
    const { method, path, access, summary, input, output, stream, limit } = operation;
    return `#### \`${name}\`

${summary}.${WHO[access]}

- REST${stream ? " only" : ""}: \`${method} ${API_PREFIX}${path}\`
${repeatedLine(operation)}- Rate limit: \`${limitClassOf(name, { limit, method })}\`
${botsLine(name, operation)}- In: ${shape(z.toJSONSchema(input, { io: "input" }) as JsonSchema)}${
      stream?.body ? `, and the bytes as the body (\`${stream.body}\`), so the rest in the query` : ""
    }
- Out: ${
      stream?.answer
        ? `the bytes (\`${stream.answer}\`)`
        : shape(z.toJSONSchema(output, { io: "output" }) as JsonSchema)
    }
`;
  }).join("\n");
}

function kindsTable(kinds: Kinds<string>): string {
  const rows = Object.entries(kinds).map(([kind, { content, about }]) =>
    `| \`${kind}\` | ${shape(z.toJSONSchema(content, { io: "output" }) as JsonSchema)} | ${about} |`
  );
  return ["| kind | content | meaning |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

/** The shapes that stand in operations by their names. */
function shapesList(): string {
  const shapes = {
    ...{ User, Self, Entry, Message, Conversation, ConversationSettings, Member, FileRef, File },
    ...{ Presence, Friend, Relation, Account, AuditLine, Bot, BotToken, Broadcast },
    ...{ Profile, Privacy, InboxEntry, Group, GroupLink, Highlight },
  };
  const lines = Object.entries(shapes).map(([name, schema]) =>
    `- **${name}**: ${shape(definition(name, schema))}`
  );
  const { anyOf, oneOf } = definition("Content", Content);
  const types = (anyOf ?? oneOf ?? []).map((type) => `  - ${shape(type)}`);
  return [...lines, "- **Content** is one of", ...types, ""].join("\n");
}

/** What a name stands for; elsewhere only the name is given. */
function definition(name: string, schema: z.ZodType): JsonSchema {
  const { $defs = {}, ...own } = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
  return $defs[name] ?? own;
}

function errorsTable(): string {
  const rows = (Object.entries(ERRORS) as [string, ErrorSpec][]).map((
    [code, { rpc, status, advice, title }],
  ) => `| \`${code}\` | ${rpc} | ${status} | ${advice} | ${title} |`);
  return ["| code | JSON-RPC | HTTP | advice | meaning |", "| --- | --- | --- | --- | --- |", ...rows, ""]
    .join("\n");
}

function closeCodesTable(): string {
  const rows = (Object.entries(CLOSE_CODES) as [string, CloseSpec][]).map((
    [code, { number, advice, title }],
  ) => `| ${number} | \`${code}\` | ${advice} | ${title} |`);
  return ["| number | code | advice | meaning |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}

interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
}

/** A schema in one line: `{userId: string, limit?: integer = 50}`. */
function shape(schema: JsonSchema): string {
  return `\`${inner(schema)}\``;
}

function inner(schema: JsonSchema): string {
  if (schema.$ref) return schema.$ref.split("/").at(-1) ?? "any";
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(inner).join(" or ");
  if (schema.type === "array") return `[${inner(schema.items ?? {})}]`;
  if (Array.isArray(schema.type)) return schema.type.join(" or ");
  if (schema.type !== "object" || !schema.properties) return schema.type ?? "any";
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const optional = schema.required?.includes(name) && field.default === undefined ? "" : "?";
    const fallback = field.default === undefined ? "" : ` = ${JSON.stringify(field.default)}`;
    return `${name}${optional}: ${inner(field)}${fallback}`;
  });
  return `{${fields.join(", ")}}`;
}

if (import.meta.main) {
  const path = new URL("../docs/protocol.md", import.meta.url);
  await Deno.writeTextFile(path, withTables(await Deno.readTextFile(path)));
}
