/** The parts of an OpenAPI document that the page reads. */
export interface Document {
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, unknown> };
}

export interface DocumentedOperation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  security: unknown[];
  "x-idempotency": string;
  "x-rate-limit": string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: unknown; example?: unknown }> };
  responses: Record<string, unknown>;
}

export interface Parameter {
  name: string;
  in: "path" | "query";
  required: boolean;
  schema: { type?: string; description?: string; default?: unknown };
}

export interface Route {
  method: string;
  path: string;
  operation: DocumentedOperation;
}

export function routesOf(document: Document): Route[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation }))
  );
}

/** Where a filled form is sent. */
export function urlOf({ path, operation }: Route, fields: ReadonlyMap<string, string>): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(fields.get(name) ?? ""));
  const query = new URLSearchParams();
  for (const { name, in: where, schema } of operation.parameters ?? []) {
    const value = fields.get(name) ?? "";
    if (where !== "query" || value === "") continue;
    // Of a list, one types its values with commas between them.
    for (const one of schema.type === "array" ? value.split(",") : [value]) query.append(name, one.trim());
  }
  return query.size > 0 ? `${filled}?${query}` : filled;
}
