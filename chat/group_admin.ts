import type { Bus } from "../bus/bus.ts";
import { type ChangeResponse, type Data, Who } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import type { Group } from "../wire/mod.ts";
import { announceChange } from "./announce.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import type { Caller, Handlers } from "./handlers.ts";
import { findPeople } from "./people.ts";
import { parseRole, presentGroup, presentUser } from "./present.ts";

type Admin = Handlers<
  | "group.get"
  | "group.update"
  | "group.announce"
  | "group.setNickname"
  | "group.setRole"
  | "group.transfer"
  | "group.removeMember"
  | "group.ban"
  | "group.unban"
  | "group.bans"
  | "group.mute"
  | "group.muteAll"
  | "group.dissolve"
>;

/** What a group is and allows, and what its owner and admins do. Who may what is decided below, in Data. */
export function createGroupAdmin({ data, bus }: { data: Data; bus: Bus }): Admin {
  const { groups } = data;

  /** Tells what was changed; `seq` is the entry's. */
  async function told(groupId: number, change: Promise<ChangeResponse>): Promise<{ seq: number | null }> {
    const answer = await change;
    announceChange(bus, groupId, answer);
    return { seq: answer.entry?.seq ?? null };
  }

  /** Who does something in which group. */
  const place = ({ userId }: Caller, { conversationId }: { conversationId: string }) => ({
    conversationId: Number(conversationId),
    userId,
  });
  /** The same, and to whom. */
  const aimed = (caller: Caller, input: { conversationId: string; userId: string }) => ({
    ...place(caller, input),
    memberId: Number(input.userId),
  });

  return {
    "group.get": async (caller, input) => presentGroup(await groups.get(place(caller, input))),

    "group.update": (caller, { whoInvites, whoChangesInfo, whoWrites, conversationId, ...same }) => {
      const who = {
        whoInvites: parseWho(whoInvites),
        whoChangesInfo: parseWho(whoChangesInfo),
        whoWrites: parseWho(whoWrites),
      };
      const at = place(caller, { conversationId });
      return told(at.conversationId, groups.update({ ...at, ...who, ...same }));
    },

    "group.announce": (caller, input) => {
      const at = place(caller, input);
      return told(at.conversationId, groups.announce({ ...at, text: input.text }));
    },

    "group.setNickname": (caller, input) => {
      const at = place(caller, input);
      const { nickname } = input;
      const named = { nickname, nicknameKey: foldName(nickname) };
      return told(at.conversationId, groups.setNickname({ ...at, ...named }));
    },

    "group.setRole": (caller, input) => {
      const at = aimed(caller, input);
      return told(at.conversationId, groups.setRole({ ...at, role: parseRole(input.role) }));
    },

    "group.transfer": (caller, input) => {
      const at = aimed(caller, input);
      return told(at.conversationId, groups.transfer(at));
    },

    "group.removeMember": (caller, input) => {
      const at = aimed(caller, input);
      return told(at.conversationId, groups.remove({ ...at, ban: false }));
    },

    "group.ban": (caller, input) => {
      const at = aimed(caller, input);
      return told(at.conversationId, groups.remove({ ...at, ban: true }));
    },

    "group.unban": (caller, input) => {
      const at = aimed(caller, input);
      return told(at.conversationId, groups.unban(at));
    },

    "group.bans": async (caller, input) => {
      const [afterId] = parseCursor(input.cursor, 1);
      const { bans, more } = await groups.bans({ ...place(caller, input), afterId, limit: input.limit });
      const people = await findPeople(data, bans.map((ban) => ban.userId));
      const rows = bans.flatMap(({ userId, bannedBy, at }) => {
        const user = people.get(userId);
        return user ? [{ user: presentUser(user), bannedBy: String(bannedBy), at }] : [];
      });
      const last = bans.at(-1);
      return { bans: rows, nextCursor: more && last ? formatCursor(last.userId) : null };
    },

    "group.mute": (caller, input) => {
      const at = aimed(caller, input);
      return told(at.conversationId, groups.mute({ ...at, until: input.until ?? 0 }));
    },

    "group.muteAll": (caller, input) => {
      const at = place(caller, input);
      return told(at.conversationId, groups.muteAll({ ...at, until: input.until ?? 0 }));
    },

    "group.dissolve": async (caller, input) => {
      const at = place(caller, input);
      await told(at.conversationId, groups.dissolve(at));
      return {};
    },
  };
}

function parseWho(who: Group["whoWrites"] | undefined): Who | undefined {
  return who && (who === "members" ? Who.WHO_MEMBERS : Who.WHO_ADMINS);
}
