import fc from "fast-check";

type Json = { [key: string]: unknown };

/** Values that a schema allows; `real` are such as exist, by the name of their field: without them all ids are wrong. */
export function arbitraryOf(
  schema: Json,
  schemas: Record<string, Json>,
  real: Record<string, unknown[]>,
  name = "",
): fc.Arbitrary<unknown> {
  const inner = (one: Json, its = name) => arbitraryOf(one, schemas, real, its);
  if (typeof schema.$ref === "string") return inner(schemas[schema.$ref.split("/").at(-1)!]);
  if (real[name] && schema.type !== "array" && schema.type !== "object") return mostly(real[name], own());
  return own();

  function own(): fc.Arbitrary<unknown> {
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
    const choices = (schema.oneOf ?? schema.anyOf) as Json[] | undefined;
    if (choices) return fc.oneof(...choices.map((one) => inner(one)));
    if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => inner({ ...schema, type })));
    switch (schema.type) {
      case "object":
        return objects();
      case "array": {
        const minLength = Number(schema.minItems ?? 0);
        const maxLength = Math.min(Number(schema.maxItems ?? 4), minLength + 4);
        return fc.array(inner((schema.items ?? {}) as Json, name.replace(/s$/, "")), {
          minLength,
          maxLength,
        });
      }
      case "string":
        return strings();
      case "integer":
        return fc.oneof(fc.integer(range(20)), fc.integer(range(Number.MAX_SAFE_INTEGER)));
      case "number":
        return fc.double({ ...range(1_000), noNaN: true });
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  function range(most: number): { min: number; max: number } {
    const above = schema.exclusiveMinimum === undefined ? undefined : Number(schema.exclusiveMinimum) + 1;
    const min = Math.max(Number(schema.minimum ?? above ?? -most), -Number.MAX_SAFE_INTEGER);
    return { min, max: Math.max(min, Math.min(Number(schema.maximum ?? most), min + most)) };
  }

  function objects(): fc.Arbitrary<unknown> {
    const properties = (schema.properties ?? {}) as Record<string, Json>;
    const model = Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, inner(one, key)]));
    if (!schema.properties) return fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }));
    return fc.record(model, { requiredKeys: (schema.required ?? []) as string[] });
  }

  function strings(): fc.Arbitrary<string> {
    const minLength = Number(schema.minLength ?? 0);
    const maxLength = Math.max(minLength, Math.min(Number(schema.maxLength ?? 30), minLength + 30));
    const any = fc.string({ unit: "grapheme", minLength, maxLength }).map((text) => text.slice(0, maxLength));
    if (typeof schema.pattern !== "string") return any;
    const pattern = new RegExp(schema.pattern, "u");
    const known = ["1", "hello", "👍", "🇨🇳", "https://example.org/a", "image/png"]
      .filter((text) => pattern.test(text));
    // Properties of characters (\p{…}) are beyond stringMatching.
    if (/\\p\{/.test(schema.pattern)) return fc.constantFrom(...known);
    return fc.oneof(fc.stringMatching(pattern), ...known.map((text) => fc.constant(text)));
  }
}

function mostly(real: unknown[], others: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...real) }, { weight: 1, arbitrary: others });
}
