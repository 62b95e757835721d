import { effect, signal } from "@preact/signals";
import type { Conversation, Entry } from "../../sdk/mod.ts";
import { playChime } from "./chime.ts";
import { conversationOf, refresh, unreadTotal, watched } from "./conversations.ts";
import { disturbs } from "./disturbs.ts";
import { conversationName, messageLine, personName } from "./naming.ts";
import { me } from "./people.ts";
import { chatHref, openChat } from "./route.ts";
import { client } from "./server.ts";
import { keptSwitch, text } from "./settings.ts";

/** How somebody who is not looking learns that there is something to look at. Chosen for this browser. */
export const showsNotifications = keptSwitch("notifications", false);
export const playsSound = keptSwitch("sound", true);
/** Whether a mention gets through although the conversation is not to disturb. */
export const mentionsPass = keptSwitch("mentionsPass", true);

export type Permission = NotificationPermission | "unsupported";
export const permission = signal<Permission>(readPermission());

/** By then whoever looks, in another tab or on another device, has said so: a read marker takes some 300 ms. */
const CALM_MS = 1000;
const MAX_DUE = 100;
/** One tab of this browser tells of it: the one that has the lock, which is passed on when that tab is closed. */
let isTeller = false;
/** What came in a conversation within that time: of many, the newest that disturbs is told. */
const due = new Map<string, Entry[]>();

/** To be called in a click, as browsers want it. */
export async function allowNotifications(): Promise<void> {
  if (permission.value === "unsupported") return;
  await Notification.requestPermission();
  permission.value = readPermission();
  showsNotifications.set(permission.value === "granted");
}

async function tell(conversationId: string): Promise<void> {
  const entries = due.get(conversationId) ?? [];
  due.delete(conversationId);
  if (!isTeller) return;
  if (!conversationOf(conversationId)) await refresh(conversationId);
  const conversation = conversationOf(conversationId);
  const myId = me.peek()?.id;
  if (!conversation || !myId || watched.peek() === conversationId) return;
  const rule = { muted: conversation.settings.muted, myId, mentionsPass: mentionsPass.value.peek() };
  const entry = entries.findLast((one) => one.seq > conversation.readSeq && disturbs(one, rule));
  if (!entry) return;
  if (playsSound.value.peek()) playChime();
  if (showsNotifications.value.peek() && readPermission() === "granted") await show(conversation, entry);
}

async function show(conversation: Conversation, entry: Entry): Promise<void> {
  const words = messageLine(entry);
  const url = `/${chatHref(conversation.id)}`;
  const options = {
    body: conversation.type === "group" ? text.peek().says(personName(entry.senderId), words) : words,
    tag: tagOf(conversation.id),
    renotify: true,
    // The sound is this page's own, so that it can be switched off here.
    silent: true,
    icon: "/icon-192.png",
    data: url,
  };
  const title = conversationName(conversation);
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  // Phones have notifications by a service worker only; its click is heard there (web/worker/sw.ts).
  if (worker?.active) return await worker.showNotification(title, options).catch(() => {});
  const notification = new Notification(title, options);
  notification.onclick = () => {
    focus();
    openChat(conversation.id);
    notification.close();
  };
}

/** What was read is no news, wherever that was. */
async function takeAway(conversationId: string): Promise<void> {
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  const shown = await worker?.getNotifications({ tag: tagOf(conversationId) }) ?? [];
  for (const notification of shown) notification.close();
}

function tagOf(conversationId: string): string {
  return `imserver.${conversationId}`;
}

function readPermission(): Permission {
  return typeof Notification === "undefined" ? "unsupported" : Notification.permission;
}

/** Keeps the lock for as long as this page lives. Without locks, on plain http, every tab tells. */
function waitForTurn(): void {
  if (!navigator.locks) return void (isTeller = true);
  void navigator.locks.request("imserver.teller", () => {
    isTeller = true;
    return new Promise(() => {});
  });
}

waitForTurn();
client.on("log.append", ({ conversationId, entries }) => {
  const said = entries.filter(({ kind, senderId }) => kind === "message" && senderId !== me.peek()?.id);
  if (said.length === 0) return;
  const before = due.get(conversationId);
  due.set(conversationId, [...before ?? [], ...said].slice(-MAX_DUE));
  if (!before) setTimeout(() => void tell(conversationId), CALM_MS);
});
client.on("conversation.read", ({ conversationId, unread }) => {
  if (unread === 0) void takeAway(conversationId);
});
effect(() => {
  const count = unreadTotal.value;
  // The icon of the installed page; where there is none, nothing happens.
  (count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.())?.catch(() => {});
});
