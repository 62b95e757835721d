import type { Entry } from "../../sdk/mod.ts";
import type { Text } from "./en.ts";

/** How people are called in a sentence. */
export interface Naming {
  /** Who does something: it begins the sentence. */
  subject(userId: string): string;
  /** Whom it befalls, later in it. */
  object(userId: string): string;
  list(names: string[]): string;
}

/** What happened in a group, in a sentence; also of a kind that is newer than this page. */
export function tellEvent(entry: Entry, t: Text, naming: Naming): string {
  const { senderId, content: { memberId } } = entry;
  const who = naming.subject(senderId);
  const other = typeof memberId === "string" ? naming.object(memberId) : t.someone;
  const words = groupEvent(entry, t, { who, other }) ?? memberEvent(entry, t, { who, other, naming });
  return words ?? t.unknownEvent(who);
}

interface People {
  who: string;
  other: string;
}

function memberEvent(
  { kind, senderId, content }: Entry,
  t: Text,
  { who, other, naming: { object, list } }: People & { naming: Naming },
): string | undefined {
  switch (kind) {
    case "member.added": {
      const ids = Array.isArray(content.memberIds) ? content.memberIds.map(String) : [];
      const alone = ids.length === 1 && ids[0] === senderId;
      return alone ? t.memberJoined(who) : t.memberAdded(who, list(ids.map(object)));
    }
    case "member.left":
      return typeof content.heirId === "string"
        ? t.ownerLeft(who, object(content.heirId))
        : t.memberLeft(who);
    case "member.removed":
      return t.memberRemoved(who, other);
    case "member.banned":
      return t.memberBanned(who, other);
    case "member.unbanned":
      return t.memberUnbanned(who, other);
    case "member.role":
      return content.role === "admin" ? t.memberIsAdmin(who, other) : t.memberIsNoAdmin(who, other);
    case "member.muted":
      return content.until === null ? t.memberUnmuted(who, other) : t.memberMuted(who, other);
    case "member.renamed":
      return content.nickname ? t.memberRenamed(who, String(content.nickname)) : t.memberUnnamed(who);
  }
}

function groupEvent({ kind, content }: Entry, t: Text, { who, other }: People): string | undefined {
  switch (kind) {
    case "group.created":
      return t.groupCreated(who);
    case "group.updated":
      return typeof content.title === "string" ? t.groupRenamed(who, content.title) : t.groupUpdated(who);
    case "group.announced":
      return content.text ? t.groupAnnounced(who, String(content.text)) : t.groupUnannounced(who);
    case "group.muted":
      return content.until === null ? t.groupUnmuted(who) : t.groupMuted(who);
    case "group.transferred":
      return t.groupTransferred(who, other);
    case "group.dissolved":
      return t.groupDissolved(who);
  }
}
