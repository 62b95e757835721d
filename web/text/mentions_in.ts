import type { ContentLike } from "./content_text.ts";

/** Whom a text speaks to. */
export interface MentionsFound {
  readonly userIds: readonly string[];
  readonly everyone: boolean;
}

/**
 * Those of `picked` (names, and whose; "" is everyone's) who stand behind an @ in the words. Where one name begins
 * another the longer one is meant, and "@Bo" does not stand in "@Bob".
 */
export function mentionsIn(
  words: string,
  picked: Iterable<readonly [name: string, id: string]>,
): MentionsFound {
  const names = [...picked].toSorted(([a], [b]) => b.length - a.length);
  const ids = new Set<string>();
  for (let at = words.indexOf("@"); at >= 0; at = words.indexOf("@", at + 1)) {
    const found = names.find(([name]) =>
      words.startsWith(name, at + 1) && endsAt(words, at + 1 + name.length)
    );
    if (found) ids.add(found[1]);
  }
  const everyone = ids.delete("");
  return { userIds: [...ids], everyone };
}

/** Whether a word may end there. Between Han characters it always may: they are written without spaces. */
function endsAt(words: string, at: number): boolean {
  const inWord = /[\p{L}\p{N}_]/u;
  const isHan = /\p{Script=Han}/u;
  const [before, after] = [
    words.slice(0, at).at(-1) ?? "",
    String.fromCodePoint(words.codePointAt(at) ?? 32),
  ];
  return !inWord.test(after) || isHan.test(before) || isHan.test(after) || !inWord.test(before);
}

/** Whom a content names, whatever stands there: what is not as it should be names nobody. */
export function mentionsOf({ mentions }: ContentLike): MentionsFound {
  const { userIds, everyone } = (mentions ?? {}) as { userIds?: unknown; everyone?: unknown };
  return { userIds: Array.isArray(userIds) ? userIds.map(String) : [], everyone: everyone === true };
}

/** Whether a content speaks to somebody, by name or to everyone. */
export function speaksTo(content: ContentLike, userId: string | undefined): boolean {
  const { userIds, everyone } = mentionsOf(content);
  return everyone || (userId !== undefined && userIds.includes(userId));
}
