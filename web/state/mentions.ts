import type { Content } from "../../sdk/mod.ts";
import { me, nameOf } from "./people.ts";
import type { ContentLike } from "../text/content_text.ts";
import { messageEn } from "../text/message_en.ts";
import { mentionsIn } from "../text/mentions_in.ts";
import { messageZh } from "../text/message_zh.ts";

export type Mentions = NonNullable<Content["mentions"]>;

/** How all together are called in whichever language it was written. */
const EVERYONE = [messageEn.everyone, messageZh.everyone];

/** How those are called whom a message mentions. */
export function mentionedNames({ mentions }: ContentLike): string[] {
  if (typeof mentions !== "object" || mentions === null) return [];
  const { userIds, everyone } = mentions as Mentions;
  const names = Array.isArray(userIds) ? userIds.flatMap((id) => ownName(String(id)) ?? []) : [];
  return everyone === true ? [...names, ...EVERYONE] : names;
}

/** Whether a message speaks to this person. */
export function mentionsMe({ mentions }: ContentLike): boolean {
  if (typeof mentions !== "object" || mentions === null) return false;
  const { userIds, everyone } = mentions as Mentions;
  return everyone === true || (Array.isArray(userIds) && userIds.includes(me.value?.id ?? ""));
}

/** How a message's own mentions were picked: names, and whose. For who writes it anew. */
export function pickedIn({ mentions }: ContentLike): Map<string, string> {
  const { userIds = [], everyone } = (mentions ?? {}) as Mentions;
  const names = userIds.flatMap((id) => {
    const name = ownName(id);
    return name === undefined ? [] : [[name, id] as const];
  });
  return new Map([...names, ...everyone ? EVERYONE.map((name) => [name, ""] as const) : []]);
}

/** Those who were picked and still stand in the words. */
export function mentionsOf(words: string, picked: ReadonlyMap<string, string>): Mentions | undefined {
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
