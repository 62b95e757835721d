import type { Content } from "../../sdk/mod.ts";
import { me, nameOf } from "./people.ts";
import type { ContentLike } from "../text/content_text.ts";
import { messageEn } from "../text/message_en.ts";
import { mentionsIn, mentionsOf } from "../text/mentions_in.ts";
import { messageZh } from "../text/message_zh.ts";

type Mentions = NonNullable<Content["mentions"]>;

/** How all together are called in whichever language it was written. */
const EVERYONE = [messageEn.everyone, messageZh.everyone];

/** Those whom a message mentions, as they were picked: names, and whose; "" is everyone's. */
export function pickedIn(content: ContentLike): Map<string, string> {
  const { userIds, everyone } = mentionsOf(content);
  const names = userIds.flatMap((id) => {
    const name = ownName(id);
    return name === undefined ? [] : [[name, id] as const];
  });
  return new Map([...names, ...everyone ? EVERYONE.map((name) => [name, ""] as const) : []]);
}

/** Of those who were picked the ones that still stand in the words, as a content has them. */
export function stillPicked(words: string, picked: ReadonlyMap<string, string>): Mentions | undefined {
  const { userIds, everyone } = mentionsIn(words, picked);
  if (userIds.length === 0 && !everyone) return undefined;
  return {
    ...(userIds.length > 0 && { userIds: userIds.slice(0, 100) }),
    ...(everyone && { everyone: true }),
  };
}

/** As the writer saw it: not as one calls them oneself. */
function ownName(id: string): string | undefined {
  return id === me.value?.id ? me.value.displayName : nameOf(id);
}
