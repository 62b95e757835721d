import type { Entry } from "../../sdk/mod.ts";

/** Whether a message disturbs: one in a conversation that is not to disturb does not, unless it names the reader. */
export function disturbs(
  { content: { mentions } }: Pick<Entry, "content">,
  { muted, myId, mentionsPass }: { muted: boolean; myId: string; mentionsPass: boolean },
): boolean {
  if (!muted) return true;
  const { userIds = [], everyone } = (mentions ?? {}) as { userIds?: string[]; everyone?: true };
  return mentionsPass && (everyone === true || userIds.includes(myId));
}
