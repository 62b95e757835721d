import { computed } from "@preact/signals";
import { me } from "./people.ts";
import { client } from "./server.ts";

/** Whether the person is an admin of the server, as far as this page knows; the server asks anew at each call. */
export const isAdmin = computed(() => roleOf(me.value) === "admin");

/** Asks what the person is now. */
export async function learnRole(): Promise<void> {
  const id = me.peek()?.id;
  const self = await client.call("user.me", {});
  if (me.peek()?.id === id && self.id === id) me.value = self;
}

// What a login answers says nothing of it.
client.on("session.ready", () => {
  if (me.peek() && roleOf(me.peek()) === undefined) learnRole().catch(() => {});
});

function roleOf(user: object | null): unknown {
  return user && "role" in user ? user.role : undefined;
}
