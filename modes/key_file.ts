import { type KeySet, loadKeys, loadOrCreateKeys } from "../auth/keys.ts";
import { reasonOf, UsageError } from "./config.ts";

/** The keys that sign tokens. Alone they are made on the first run; the gateways of a cluster share a file. */
export async function readKeys(path: string, { create }: { create: boolean }): Promise<KeySet> {
  try {
    return create ? (await loadOrCreateKeys(path, Date.now())).keys : await loadKeys(path);
  } catch (error) {
    if (!create && error instanceof Deno.errors.NotFound) {
      const remedy = "make it once with imserver keys new, and give every gateway the same";
      throw new UsageError(`--key-file ${path} does not exist; ${remedy}`);
    }
    if (!isPlain(error)) {
      const remedy = "name another file or give this user the right to read and make it";
      throw new UsageError(`--key-file ${path} cannot be used (${reasonOf(error)}); ${remedy}`);
    }
    // It begins with the path; where it does not end with a remedy, the content is wrong.
    const remedy = error.message.includes("; ") ? "" : "; imserver keys new prints a good one";
    throw new UsageError(`--key-file ${error.message}${remedy}`);
  }
}

/** Not the system's error but one that auth/keys.ts words itself. */
function isPlain(error: unknown): error is Error {
  return error instanceof Error && error.name === "Error" && !("code" in error);
}
