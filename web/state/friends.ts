import type { Input } from "../../sdk/mod.ts";
import { put } from "./conversations.ts";
import { syncRelations } from "./relations.ts";
import { openChat } from "./route.ts";
import { client } from "./server.ts";

/** What one does towards another person. The list of relations is brought up to date with it, without waiting for a push. */

export async function message(userId: string): Promise<void> {
  const conversation = await client.call("conversation.openDirect", { userId });
  put([conversation]);
  openChat(conversation.id);
}

/** Answers whether they are friends now: they may have asked already. */
export async function befriend(userId: string, words: string): Promise<boolean> {
  const note = words.trim();
  const { state } = await client.call("friend.request", { userId, ...(note !== "" && { note }) });
  await syncRelations();
  return state === "friends";
}

type Act =
  | "friend.accept"
  | "friend.reject"
  | "friend.withdraw"
  | "friend.remove"
  | "block.add"
  | "block.remove";

export async function act(name: Act, userId: string): Promise<void> {
  await client.call(name, { userId });
  await syncRelations();
}

export async function note(input: Input<"friend.configure">): Promise<void> {
  await client.call("friend.configure", input);
  await syncRelations();
}
