import type { Entry } from "../data/service.ts";

const NOBODY: number[] = [];
export const EVERYONE = "everyone";

export interface Movement {
  joined: number[];
  left: number[] | typeof EVERYONE;
  /** Who joined may read what came before. */
  history?: boolean;
}

/** Whom an entry of a group's log brings in or takes out; null for most. */
export function membershipOf({ kind, body }: Entry): Movement | null {
  switch (kind) {
    case "group.created":
    case "member.added": {
      const { memberIds, history } = JSON.parse(body);
      return { joined: memberIds.map(Number), left: NOBODY, history };
    }
    case "member.left":
    case "member.removed":
    case "member.banned":
      return { joined: NOBODY, left: [Number(JSON.parse(body).memberId)] };
    case "group.dissolved":
      return { joined: NOBODY, left: EVERYONE };
    default:
      return null;
  }
}
