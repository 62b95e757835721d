import type { Json } from "./schema_book.ts";

/** A small value that a schema allows, to begin with: only what is required, each as short as it may be. */
export function exampleOf(schema: Json, schemas: Record<string, Json>): unknown {
  if (typeof schema.$ref === "string") return exampleOf(schemas[schema.$ref.split("/").at(-1)!], schemas);
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const choices = (schema.oneOf ?? schema.anyOf) as Json[] | undefined;
  if (choices) return exampleOf(choices[0], schemas);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "object": {
      const required = (schema.required ?? []) as string[];
      const properties = (schema.properties ?? {}) as Record<string, Json>;
      return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name] ?? {}, schemas)]));
    }
    case "array":
      return Number(schema.minItems ?? 0) > 0 ? [exampleOf(schema.items as Json, schemas)] : [];
    case "string":
      return textFor(schema);
    case "integer":
    case "number":
      return Math.max(Number(schema.minimum ?? 0), Number(schema.exclusiveMinimum ?? -1) + 1, 0);
    case "boolean":
      return true;
    default:
      return null;
  }
}

/** Ids are digits; most other patterns of ours allow a word. */
function textFor({ pattern, minLength }: Json): string {
  const candidates = ["1", "hello", "hello, hello", "image/png", "/hello", "👍", "https://example.org/"];
  const fits = (text: string) =>
    (pattern === undefined || new RegExp(pattern as string, "u").test(text)) &&
    text.length >= Number(minLength ?? 0);
  const [first, ...others] = candidates;
  return (pattern === undefined ? others : [first, ...others]).find(fits) ?? "";
}
