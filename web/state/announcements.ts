import { signal } from "@preact/signals";
import type { InboxEntry } from "../../sdk/mod.ts";
import { me } from "./people.ts";
import { client } from "./server.ts";

/** What whoever runs the server tells everyone. */
export interface Announcement {
  seq: number;
  text: string;
}

/** Those that were not closed yet, in order. */
export const announcements = signal<readonly Announcement[]>([]);

/** In a browser that has seen none yet, only what is among the last entries of the inbox is news. */
const NEWS = 100;
const PAGE = 500;
const MAX_PAGES = 20;
let loadedFor: string | undefined;

const place = () => `imserver.announcements.${me.peek()?.id}`;

/** Reads what came while this page was closed; what comes from now on is pushed. */
export async function loadAnnouncements(): Promise<void> {
  const id = me.peek()?.id;
  if (id === undefined || loadedFor === id) return;
  loadedFor = id;
  try {
    let after = Number(localStorage.getItem(place()) ?? -1);
    if (after < 0) {
      const { lastSeq } = await client.call("inbox.read", { after: Number.MAX_SAFE_INTEGER, limit: 1 });
      after = Math.max(0, lastSeq - NEWS);
    }
    for (let page = 0; page < MAX_PAGES; page++) {
      const { entries } = await client.call("inbox.read", { after, limit: PAGE });
      if (me.peek()?.id !== id) return;
      entries.forEach(take);
      if (entries.length < PAGE) return;
      after = entries[entries.length - 1].seq;
    }
  } catch {
    // The next connection tries again.
    loadedFor = undefined;
  }
}

/** Closes the newest and all before it, on this browser for good. */
export function closeAnnouncements(): void {
  const last = announcements.peek().at(-1);
  if (last) localStorage.setItem(place(), String(last.seq));
  announcements.value = [];
}

export function forgetAnnouncements(): void {
  announcements.value = [];
  loadedFor = undefined;
}

function take({ kind, seq, content }: InboxEntry): void {
  if (kind !== "system.message") return;
  if (seq <= Number(localStorage.getItem(place()) ?? -1)) return;
  const known = announcements.peek().filter((one) => one.seq !== seq);
  announcements.value = [...known, { seq, text: String(content.text) }].sort((a, b) => a.seq - b.seq);
}

client.on("inbox", take);
