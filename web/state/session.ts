import { signal } from "@preact/signals";
import { ERRORS, ImError, type Input, type User } from "../../sdk/mod.ts";
import { forgetAnnouncements, loadAnnouncements } from "./announcements.ts";
import { forgetChat } from "./chat.ts";
import { forgetConversations, syncConversations } from "./conversations.ts";
import { forgetOutbox, resumeOutbox } from "./outgoing.ts";
import { forgetMedia } from "./forget_media.ts";
import { forgetPeople, me } from "./people.ts";
import { goHome } from "./route.ts";
import { client } from "./server.ts";
import { forgetTyping } from "./typing.ts";

export type Phase = "starting" | "away" | "guest" | "member";
export const phase = signal<Phase>("starting");
/** Why a person who was logged in sees the login form. */
export const wasEnded = signal(false);

const AWAY_RETRY_MS = 3000;
let retry: ReturnType<typeof setTimeout> | undefined;

/** Finds out whether the cookies of this browser belong to somebody. */
export async function start(): Promise<void> {
  clearTimeout(retry);
  try {
    enter(await client.call("user.me", {}));
  } catch (error) {
    const guest = error instanceof ImError && ERRORS[error.code].advice === "login";
    phase.value = guest ? "guest" : "away";
    if (!guest) retry = setTimeout(start, AWAY_RETRY_MS);
  }
}

export async function logIn(input: Input<"auth.login">): Promise<void> {
  enter((await client.call("auth.login", input)).user);
}

export async function register(input: Input<"auth.register">): Promise<void> {
  enter((await client.call("auth.register", input)).user);
}

export async function setUp(input: Input<"auth.setup">): Promise<void> {
  const { user } = await client.call("auth.setup", input);
  goHome();
  enter(user);
}

export async function logOut(): Promise<void> {
  await client.call("auth.logout", {});
  leave();
}

/** For good; then this browser is a guest. */
export async function deleteAccount(password: string): Promise<void> {
  await client.call("user.delete", { password });
  leave();
}

function enter(user: User): void {
  me.value = user;
  wasEnded.value = false;
  phase.value = "member";
  client.connect();
}

/** Nothing of the person who leaves may be left for the next one. */
function leave(): void {
  phase.value = "guest";
  me.value = null;
  forgetAnnouncements();
  forgetChat();
  forgetConversations();
  forgetMedia();
  forgetOutbox();
  forgetPeople();
  forgetTyping();
  goHome();
}

client.on("state", (state) => {
  if (phase.value !== "member" || state.state !== "ended" || state.needs !== "login") return;
  leave();
  wasEnded.value = true;
});

client.on("session.ready", ({ userId }) => {
  // Somebody else logged in meanwhile in another tab, and the cookies are theirs now.
  if (me.value && me.value.id !== userId) return location.reload();
  resumeOutbox();
});
client.on("sync", ({ restart }) => {
  if (me.value?.id !== client.userId) return;
  if (restart) forgetConversations();
  void syncConversations();
  void loadAnnouncements();
});
