import { UniqueViolation } from "../sql/driver.ts";

/**
 * Runs a transaction, once more when a key it stores was taken meanwhile. Another process may take the same id
 * (kit/ids.ts needs no coordinator) or name between check and insert; the second try makes a new id, and sees
 * which name it was.
 */
export async function retryOnce<T>(transaction: () => Promise<T>): Promise<T> {
  try {
    return await transaction();
  } catch (error) {
    if (error instanceof UniqueViolation) return await transaction();
    throw error;
  }
}
