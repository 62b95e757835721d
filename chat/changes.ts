import type { Bus } from "../bus/bus.ts";
import type { ChangeMessageRequest, Data } from "../data/service.ts";
import { announceEntry, announceInboxes } from "./announce.ts";
import type { DirectPolicy } from "./direct_policy.ts";
import type { Caller, Handlers } from "./handlers.ts";

type Changes = Handlers<
  | "message.edit"
  | "message.recall"
  | "message.delete"
  | "message.pin"
  | "message.unpin"
  | "reaction.add"
  | "reaction.remove"
>;

export interface ChangeParts extends DirectPolicy {
  data: Data;
  bus: Bus;
  /** How long after sending a member may recall a message. */
  recallWindowMs: number;
}

/** What can become of a message after it was sent. */
export function createChanges({ data, bus, recallWindowMs, friendsOnly }: ChangeParts): Changes {
  async function change(
    caller: Caller,
    place: { conversationId: string; seq: number },
    change: NonNullable<ChangeMessageRequest["change"]>,
  ): Promise<{ seq: number | null }> {
    const conversationId = Number(place.conversationId);
    const { entry, directUserIds } = await data.log.change({
      conversationId,
      actorId: caller.userId,
      seq: place.seq,
      change,
      friendsOnly,
    });
    if (entry) announceEntry(bus, conversationId, directUserIds, entry);
    return { seq: entry?.seq ?? null };
  }

  return {
    "message.edit": (caller, { content, ...place }) =>
      change(caller, place, { $case: "edit", edit: { body: JSON.stringify(content) } }),
    "message.recall": (caller, place) =>
      change(caller, place, { $case: "recall", recall: { windowMs: recallWindowMs } }),
    "message.pin": (caller, place) => change(caller, place, { $case: "pin", pin: { on: true } }),
    "message.unpin": (caller, place) => change(caller, place, { $case: "pin", pin: { on: false } }),
    "reaction.add": (caller, { emoji, ...place }) =>
      change(caller, place, { $case: "react", react: { emoji, on: true } }),
    "reaction.remove": (caller, { emoji, ...place }) =>
      change(caller, place, { $case: "react", react: { emoji, on: false } }),

    "message.delete": async ({ userId }, { conversationId: id, seqs }) => {
      const conversationId = Number(id);
      const { inbox } = await data.log.hide({ conversationId, userId, seqs });
      announceInboxes(bus, [inbox]);
      return {};
    },
  };
}
