/**
 * Classes of operations, each with a limit of its own on how often one may call it. An operation names its class, or
 * gets the one of its verb or namespace.
 */
export const LIMIT_CLASSES = ["send", "write", "heavy", "hint", "read", "search", "upload", "auth"] as const;
export type LimitClass = (typeof LIMIT_CLASSES)[number];

const BY_NAMESPACE: Record<string, LimitClass> = {
  auth: "auth",
  receipt: "hint",
  typing: "hint",
  file: "upload",
};

/** What calls of an operation count as. */
export function limitClassOf(
  name: string,
  { limit, method }: { limit?: LimitClass; method: string },
): LimitClass {
  if (limit) return limit;
  const [namespace, verb] = name.split(".");
  if (verb === "search") return "search";
  if (method === "GET") return "read";
  return BY_NAMESPACE[namespace] ?? "write";
}
