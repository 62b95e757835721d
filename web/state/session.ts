import { signal } from "@preact/signals";
import { ERRORS, ImError, type Input, type User } from "../../sdk/mod.ts";
import { forgetAnnouncements, loadAnnouncements } from "./announcements.ts";
import { forgetChat } from "./chat.ts";
import { forgetConversations, syncConversations } from "./conversations.ts";
import { forgetMedia } from "./forget_media.ts";
import { openKept, readMember, wipeKept } from "./kept.ts";
import { closeOutgoing, openOutgoing } from "./outgoing.ts";
import { forgetPeople, me } from "./people.ts";
import { forgetRelations } from "./relations.ts";
import { goHome, resetToken, setupToken } from "./route.ts";
import { client } from "./server.ts";
import { onTabs, tellTabs } from "./tabs.ts";
import { forgetTyping } from "./typing.ts";

export type Phase = "starting" | "away" | "guest" | "member";
export const phase = signal<Phase>("starting");
/** Why a person who was logged in sees the login form. */
export const wasEnded = signal(false);

const AWAY_RETRY_MS = 3000;
/** Somebody this browser knows does not wait longer for a server before seeing what is kept. */
const PATIENCE_MS = 3000;
let retry: ReturnType<typeof setTimeout> | undefined;
/** Who is here is known from this browser only; the server says when it is back. */
let isUnconfirmed = false;

/** Finds out whether the cookies of this browser belong to somebody. Without a server it is whoever was here last. */
export async function start(): Promise<void> {
  clearTimeout(retry);
  const kept = await readMember();
  try {
    enter(await client.call("user.me", {}, kept ? { timeoutMs: PATIENCE_MS } : {}));
  } catch (error) {
    if (error instanceof ImError && ERRORS[error.code].advice === "login") return beGuest();
    if (phase.peek() === "member") return;
    if (kept) {
      isUnconfirmed = true;
      return enter(kept);
    }
    phase.value = "away";
    retry = setTimeout(start, AWAY_RETRY_MS);
  }
}

export async function logIn(input: Input<"auth.login">): Promise<void> {
  enter((await client.call("auth.login", input)).user);
  tellTabs("entered");
}

export async function register(input: Input<"auth.register">): Promise<void> {
  enter((await client.call("auth.register", input)).user);
  tellTabs("entered");
}

export async function setUp(input: Input<"auth.setup">): Promise<void> {
  const { user } = await client.call("auth.setup", input);
  goHome();
  enter(user);
  tellTabs("entered");
}

export async function resetPassword(input: Input<"auth.resetPassword">): Promise<void> {
  const { user } = await client.call("auth.resetPassword", input);
  goHome();
  enter(user);
  tellTabs("entered");
}

export async function logOut(): Promise<void> {
  await client.call("auth.logout", {});
  leave({ wipe: true });
  tellTabs("left");
}

/** For good; then this browser is a guest. */
export async function deleteAccount(password: string): Promise<void> {
  await client.call("user.delete", { password });
  leave({ wipe: true });
  tellTabs("left");
}

function enter(user: User): void {
  const isNew = me.peek()?.id !== user.id;
  me.value = user;
  wasEnded.value = false;
  if (isNew) {
    openOutgoing(user.id);
    void openKept(user);
  }
  phase.value = "member";
  client.connect();
}

function beGuest(): void {
  if (phase.peek() === "member") return leave({ wipe: false });
  wipeKept();
  phase.value = "guest";
}

/**
 * Nothing of the person who leaves may be left for the next one. Who was put out, and did not say so, finds their unsent
 * words again when they are back; nobody else ever sees them.
 */
function leave({ wipe }: { wipe: boolean }): void {
  phase.value = "guest";
  me.value = null;
  isUnconfirmed = false;
  client.close();
  wipeKept();
  closeOutgoing({ wipe });
  forgetAnnouncements();
  forgetChat();
  forgetConversations();
  forgetMedia();
  forgetPeople();
  forgetRelations();
  forgetTyping();
  goHome();
}

client.on("state", (state) => {
  if (phase.value !== "member" || state.state !== "ended" || state.needs !== "login") return;
  leave({ wipe: false });
  wasEnded.value = true;
});

client.on("session.ready", ({ userId }) => {
  // Somebody else logged in meanwhile in another tab, and the cookies are theirs now.
  if (me.value && me.value.id !== userId) return location.reload();
  if (isUnconfirmed) void start();
  isUnconfirmed = false;
});
client.on("sync", ({ restart }) => {
  if (me.value?.id !== client.userId) return;
  if (restart) forgetConversations();
  void syncConversations();
  void loadAnnouncements();
});

onTabs((word) => {
  if (word === "left" && phase.peek() === "member") {
    leave({ wipe: true });
    wasEnded.value = true;
  }
  // The cookies may be somebody else's now: whoever it is, this tab is theirs too.
  if (word === "entered" && setupToken.peek() === null && resetToken.peek() === null) location.reload();
});
