import type { Entry } from "../../sdk/mod.ts";
import { speaksTo } from "../text/mentions_in.ts";

/** Whether a message disturbs: one in a conversation that is not to disturb does not, unless it names the reader. */
export function disturbs(
  { content }: Pick<Entry, "content">,
  { muted, myId, mentionsPass }: { muted: boolean; myId: string; mentionsPass: boolean },
): boolean {
  if (!muted) return true;
  return mentionsPass && speaksTo(content, myId);
}
