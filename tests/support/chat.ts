import type { Event } from "../../bus/bus.ts";
import { groupChannel, userChannel } from "../../bus/bus.ts";
import { createMemoryBus } from "../../bus/memory.ts";
import { createChanges } from "../../chat/changes.ts";
import { createMessages } from "../../chat/messages.ts";
import type { Caller } from "../../chat/handlers.ts";
import { START_MS, World } from "../contract/data_world.ts";
import { openLocalData } from "./local_data.ts";

export const RECALL_WINDOW_MS = 120_000;

/** The rules of messages over a Data and a Bus in memory. */
export async function openChat() {
  const opened = await openLocalData(":memory:", START_MS);
  const [world, bus] = [new World(opened), createMemoryBus()];
  const parts = { data: opened.data, bus, recallWindowMs: RECALL_WINDOW_MS, friendsOnly: false };
  return {
    world,
    handlers: { ...createMessages(parts), ...createChanges(parts) },
    /** What is told on a user's channel or a group's from now on. */
    async listen(to: { userId: number } | { groupId: number }): Promise<Event[]> {
      const heard: Event[] = [];
      const channel = "userId" in to ? userChannel(to.userId) : groupChannel(to.groupId);
      await bus.subscribe(channel, (event) => heard.push(event));
      return heard;
    },
    async [Symbol.asyncDispose]() {
      await bus.close();
      await opened.close();
    },
  };
}

export const by = (userId: number): Caller => ({ userId, sessionId: 1, role: "user" });

/** The entries that were told. */
export function entriesOf(events: readonly Event[]) {
  return events.flatMap(({ body }) => body?.$case === "appended" ? body.appended.entries : []);
}
