import { ERRORS, ImError } from "../../wire/errors.ts";

const WITHIN_MS = 60_000;

/** Asks until there is an answer that does not say to try later: what comes back after a crash may take a moment. */
export async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const again = !(error instanceof ImError) || ERRORS[error.code].advice === "retry";
      if (!again || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
