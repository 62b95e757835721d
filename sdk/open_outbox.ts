import { ImError } from "../wire/errors.ts";
import type { Client } from "./client.ts";
import { Outbox, type OutboxOptions } from "./outbox.ts";

export interface OpenOutboxOptions extends Pick<OutboxOptions, "store" | "onStoreError" | "backoff"> {
  /** Whose words these are. */
  userId: string;
}

/** An outbox that sends over the client's connection whenever there is one, until it is closed. */
export function openOutbox(client: Client, { userId, ...options }: OpenOutboxOptions): Outbox {
  const outbox = new Outbox({
    ...options,
    send: (input, signal) => {
      const { state } = client;
      if (state.state !== "online") return Promise.reject(new ImError("unavailable", "Not connected"));
      // In another tab somebody else may have logged in: they must not say what this person wrote.
      if (state.userId !== userId) return Promise.reject(new ImError("unauthenticated"));
      return client.call("message.send", input, { signal });
    },
  });
  const off = client.on("sync", () => outbox.resume());
  outbox.signal.addEventListener("abort", off);
  return outbox;
}
