import { Ajv2020, type ValidateFunction } from "ajv/2020";

export type Json = { [key: string]: unknown };

export interface DocumentedCall {
  operationId: string;
  security: unknown[];
  parameters?: { name: string; in: "path" | "query"; required: boolean; schema: Json }[];
  requestBody?: { content: Record<string, { schema: Json }> };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: Json }> }>;
}

export interface ApiDocument {
  openapi: string;
  paths: Record<string, Record<string, DocumentedCall>>;
  components: { schemas: Record<string, Json>; responses: Record<string, Json> };
}

/** What is wrong with an answer by the document; null: nothing. Fields that it does not have are wrong here. */
export type CheckAnswer = (
  path: string,
  method: string,
  answer: { status: number; type: string; body: unknown },
) => string | null;

export function answerChecker(document: ApiDocument): CheckAnswer {
  const { schemas, responses } = document.components;
  const closed = {
    ...document,
    paths: close(document.paths),
    components: { schemas: close(schemas), responses },
  };
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "https://imserver.test/api", ...closed });
  const checks = new Map<string, ValidateFunction>();
  return (path, method, { status, type, body }) => {
    const at = ["paths", path, method, "responses", `${status}`];
    const response = document.paths[path][method].responses[status];
    if (!response) return `status ${status} is not documented`;
    const target = response.$ref ? response.$ref.slice(2).split("/") : at;
    const pointer = [...target, "content", type, "schema"].map(escape).join("/");
    if (!find(document, [...target, "content", type])) return `media type ${type} is not documented`;
    let check = checks.get(pointer);
    if (!check) checks.set(pointer, check = ajv.compile({ $ref: `https://imserver.test/api#/${pointer}` }));
    return check(body) ? null : ajv.errorsText(check.errors);
  };
}

const escape = (part: string) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));

function find(value: unknown, [first, ...rest]: string[]): unknown {
  return first === undefined ? value : find((value as Json | undefined)?.[first], rest);
}

/** No object may have more than its properties. */
export function close<T>(value: T): T {
  if (Array.isArray(value)) return value.map(close) as T;
  if (typeof value !== "object" || value === null) return value;
  const closed = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, close(one)]));
  const isObject = closed.type === "object" && closed.properties && closed.additionalProperties === undefined;
  return (isObject ? { ...closed, additionalProperties: false } : closed) as T;
}
