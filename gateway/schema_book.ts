import * as z from "zod";

export type Json = { [key: string]: unknown };

/** JSON Schemas of a document: those with a name stand once, among its components. */
export class SchemaBook {
  readonly schemas: Record<string, Json> = {};

  /**
   * A schema whose references lead to the components. What is answered may have fields that a client does not know yet,
   * so outputs are open; inputs are closed as they are.
   */
  of(schema: z.ZodType, io: "input" | "output"): Json {
    const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json;
    const all = io === "output" ? open({ own, defs: $defs }) as Json : { own, defs: $defs };
    const defs = all.defs as Record<string, Json>;
    const names = new Map(Object.keys(defs).map((name) => [name, this.#nameFor(name, defs[name], io)]));
    for (const [name, at] of names) this.schemas[at] = pointed(defs[name], names) as Json;
    return pointed(all.own, names) as Json;
  }

  /** The same thing may look otherwise in an input; then it has a name of its own there. */
  #nameFor(name: string, definition: Json, io: "input" | "output"): string {
    const known = this.#definitions.get(name);
    const text = JSON.stringify(definition);
    if (known === undefined) this.#definitions.set(name, text);
    return known === undefined || known === text ? name : `${name}${io === "input" ? "Input" : "Output"}`;
  }

  readonly #definitions = new Map<string, string>();
}

function open(value: unknown): unknown {
  return mapped(value, (object) => {
    const { additionalProperties, ...rest } = object;
    return additionalProperties === false || additionalProperties === undefined ? rest : object;
  });
}

function pointed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  return mapped(value, (object) => {
    const { $ref, ...rest } = object;
    if (typeof $ref !== "string") return object;
    return { $ref: `#/components/schemas/${names.get($ref.replace("#/$defs/", ""))}`, ...rest };
  });
}

function mapped(value: unknown, change: (object: Json) => Json): unknown {
  if (Array.isArray(value)) return value.map((one) => mapped(one, change));
  if (typeof value !== "object" || value === null) return value;
  const inner = Object.entries(value).map(([key, one]) => [key, mapped(one, change)]);
  return change(Object.fromEntries(inner));
}
