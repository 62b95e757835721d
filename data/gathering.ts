import { coalesced } from "../kit/coalesce.ts";
import { gathered } from "../kit/gather.ts";
import { ImError } from "../wire/errors.ts";
import type { Data, Sessions } from "./service.ts";

/**
 * A coat over a Data for a gateway, to which thousands may connect at once, each with the same small questions: those
 * that are asked while others are under way become one call. Every answer is to a question that began after it was
 * asked, so none is older than without this.
 */
export function gathering(data: Data): Data {
  const listening = gathered(async (userIds: readonly number[]) =>
    (await data.conversations.listeningOf({ userIds: [...userIds] })).users
  );
  const epoch = coalesced(() => data.log.epoch({ raise: false }));
  return {
    ...data,
    conversations: { ...data.conversations, listening: ({ userId }) => listening(userId) },
    log: { ...data.log, epoch: (request) => request.raise ? data.log.epoch(request) : epoch() },
  };
}

/** Looks whether a session still runs, in the same way; session_ended if not. */
export function gatheredCheck(
  sessions: Pick<Sessions, "running">,
): (session: { id: number }) => Promise<void> {
  const isRunning = gathered(async (ids: readonly number[]) => {
    const running = new Set((await sessions.running({ ids: [...ids] })).ids);
    return ids.map((id) => running.has(id));
  });
  return async ({ id }) => {
    if (!await isRunning(id)) throw new ImError("session_ended");
  };
}
