import { join } from "node:path";
import { reasonOf, UsageError } from "./config.ts";

/** Makes the data folder, for its owner only, and makes sure that it can be written to. */
export async function prepareDataDir(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    const probe = join(path, `.probe-${crypto.randomUUID()}`);
    await Deno.writeTextFile(probe, "", { createNew: true });
    await Deno.remove(probe);
  } catch (error) {
    throw notWritable(path, error);
  }
}

/**
 * Takes the folder for this process: two servers on one folder would each tell only their own clients. The
 * lock goes with the process, however it ends. The answer gives it back.
 */
export async function lockDataDir(path: string): Promise<() => void> {
  const options = { create: true, write: true, mode: 0o600 };
  const file = await Deno.open(join(path, "imserver.lock"), options).catch((error) => {
    throw notWritable(path, error);
  });
  if (!await file.tryLock(true)) {
    file.close();
    throw new UsageError(
      `--data-dir ${path} is in use by another imserver; stop that one or choose another folder`,
    );
  }
  return () => file.close();
}

function notWritable(path: string, error: unknown): UsageError {
  return new UsageError(
    `--data-dir ${path} cannot be written to (${reasonOf(error)}); ` +
      "choose another folder or give this user the right to write there",
  );
}
