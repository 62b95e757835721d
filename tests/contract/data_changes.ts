import type { ChangeMessageRequest, Entry } from "../../data/service.ts";
import { bodyOf, type World } from "./data_world.ts";

/** Short words for changes to messages. */

export type Change = NonNullable<ChangeMessageRequest["change"]>;

/** Two minutes, as the server has it unless told otherwise. */
export const WINDOW_MS = 120_000;

export const edit = (text: string): Change => ({ $case: "edit", edit: { body: bodyOf(text) } });
export const recall = (windowMs = WINDOW_MS): Change => ({ $case: "recall", recall: { windowMs } });
export const react = (emoji: string, on = true): Change => ({ $case: "react", react: { emoji, on } });
export const pin = (on = true): Change => ({ $case: "pin", pin: { on } });

export function change(world: World, conversationId: number, actorId: number, seq: number, change: Change) {
  return world.data.log.change({ conversationId, actorId, seq, change });
}

/** The seq of the entry that recorded it; undefined when there was nothing to change. */
export async function changed(...call: Parameters<typeof change>): Promise<number | undefined> {
  return (await change(...call)).entry?.seq;
}

/** A message as somebody sees it, without what every entry has. */
export interface Seen {
  text: string;
  /** Seqs. */
  edits: number[];
  reactions: Record<string, number>;
  mine: string[];
  editedAt?: number;
  recalledAt?: number;
  recalledBy?: string;
  pinnedAt?: number;
}

export const RECALLED = "(recalled)";
export const HIDDEN = "(hidden)";

export function seenOf({ body, state }: Entry): Seen {
  const { content = JSON.parse(body), edits = [], reactions = {}, mine = [], ...rest } = JSON.parse(
    state ?? "{}",
  );
  return { text: textOf(content), edits, reactions, mine: mine.toSorted(), ...rest };
}

export function textOf(content: { type: string; text?: string }): string {
  return content.text ?? `(${content.type})`;
}

/** One message, or undefined where the user sees none. */
export async function seen(
  world: World,
  conversationId: number,
  userId: number,
  seq: number,
): Promise<Seen | undefined> {
  const { entries } = await world.data.log.get({ conversationId, userId, seqs: [seq] });
  return entries.length === 0 ? undefined : seenOf(entries[0]);
}

export async function historyOf(world: World, conversationId: number, userId: number): Promise<Entry[]> {
  return (await world.data.log.history({ conversationId, userId, before: 0, limit: 10_000 })).entries;
}

export async function pinsOf(world: World, conversationId: number, userId: number): Promise<number[]> {
  return (await world.data.log.pins({ conversationId, userId })).entries.map(({ seq }) => seq);
}

/** The texts that a message had, in order. */
export async function editsOf(
  world: World,
  conversationId: number,
  userId: number,
  seq: number,
): Promise<string[]> {
  const { entries } = await world.data.log.edits({ conversationId, userId, seq });
  return entries.map(({ kind, body }) => {
    const content = JSON.parse(body);
    return textOf(kind === "message" ? content : content.content);
  });
}

export async function hide(
  world: World,
  conversationId: number,
  userId: number,
  ...seqs: number[]
): Promise<void> {
  await world.data.log.hide({ conversationId, userId, seqs });
}

/** Everything that somebody can get of a conversation, as one text. */
export async function everything(
  world: World,
  conversationId: number,
  userId: number,
  seq: number,
): Promise<string> {
  const { log, conversations } = world.data;
  const place = { conversationId, userId };
  return JSON.stringify([
    await log.read({ ...place, after: 0, limit: 10_000 }),
    await historyOf(world, conversationId, userId),
    await log.get({ ...place, seqs: [seq] }),
    await log.edits({ ...place, seq }),
    await log.pins(place),
    await conversations.list({ userId, beforeAt: 0, beforeId: 0, limit: 100 }),
  ]);
}
