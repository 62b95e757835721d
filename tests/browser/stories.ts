import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { rest } from "../support/people.ts";

/** What people have said to each other before a picture is taken. */
export interface Story {
  /** A group has one. */
  title?: string;
  /** Minutes since the last message. */
  ago: number;
  /** How many of the last messages the first person named in `with` has not read. */
  unread?: number;
  /** Usernames; the first one makes the group. */
  with: string[];
  lines: [by: string, text: string][];
}

const PASSWORD = "correct horse battery";
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Accounts by username, with their display names. */
export async function invite(url: string, names: Record<string, string>): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  for (const [username, displayName] of Object.entries(names)) {
    const { user, accessToken } = await rest(url, "auth.register", {
      username,
      displayName,
      password: PASSWORD,
    });
    members.set(username, { id: user.id, token: accessToken! });
  }
  return members;
}

interface Member {
  id: string;
  token: string;
}

/** Lets it happen, and answers the conversation's id. */
export async function tell(url: string, members: Map<string, Member>, story: Story): Promise<string> {
  const [first, ...others] = story.with.map((name) => members.get(name)!);
  const memberIds = others.map(({ id }) => id);
  const { id: conversationId } = story.title === undefined
    ? await rest(url, "conversation.openDirect", { userId: memberIds[0] }, first.token)
    : await rest(url, "group.create", { title: story.title, memberIds }, first.token);
  let seq = 0;
  for (const [index, [by, text]] of story.lines.entries()) {
    if (story.lines.length - index === story.unread) await read(first);
    const input = { conversationId, clientId: `line-${index}`, content: { type: "text", text } } as const;
    ({ seq } = await rest(url, "message.send", input, members.get(by)!.token));
  }
  for (const member of story.unread ? others : [first, ...others]) await read(member);
  return conversationId;

  async function read({ token }: Member) {
    if (seq > 0) await rest(url, "conversation.markRead", { conversationId, seq }, token);
  }
}

/**
 * A conversation that takes a second in a test took an hour in life: sets the times of its entries, in the
 * database of a server that is not running.
 */
export function setTimes(dataDir: string, now: number, told: ReadonlyMap<Story, string>): void {
  using database = new DatabaseSync(join(dataDir, "imserver.db"));
  const entry = database.prepare("UPDATE entries SET at = ? WHERE conversation_id = ? AND seq = ?");
  const head = database.prepare("UPDATE heads SET last_at = ? WHERE conversation_id = ?");
  for (const [{ ago, title, lines }, id] of told) {
    const last = now - ago * MINUTE_MS;
    const isGroup = title !== undefined;
    if (isGroup) entry.run(last - DAY_MS, id, 1);
    for (const index of lines.keys()) {
      const minutes = Math.round((lines.length - 1 - index) * 1.7);
      entry.run(last - minutes * MINUTE_MS, id, index + (isGroup ? 2 : 1));
    }
    head.run(last, id);
  }
}
