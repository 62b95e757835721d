import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";

/**
 * Fills the database of a server that is not running with people, groups and messages that are all payloads: also with
 * what no server would have let in, since a page must not rest on that. Everything carries a mark, `⟦x7⟧`, by which one
 * sees that it was shown; answers all of them. The conversation with the messages has the id GALLERY.
 */
export function fillWithPayloads(dataDir: string, userId: string, payloads: readonly string[]): string[] {
  using db = new DatabaseSync(join(dataDir, "imserver.db"));
  const marks: string[] = [];
  const marked = (kind: string, index: number) => {
    marks.push(`${kind}${index}`);
    return `⟦${kind}${index}⟧ ${payloads[index]}`;
  };
  db.exec("PRAGMA synchronous = OFF; BEGIN");
  const { user, group, message } = inserters(db, Number(userId));
  const gallery = group(Number(GALLERY), "gallery");
  payloads.forEach((payload, i) => {
    const senderId = FIRST_ID + i;
    user(senderId, marked("n", i));
    group(FIRST_ID + i, marked("g", i))(senderId, "message", { type: "text", text: payload });
    gallery(senderId, "message", { type: "text", text: marked("t", i) });
    gallery(senderId, "message", { type: "text", text: `${marked("m", i)}\n${written(payload)}` });
    // A voice is shown without its file's name.
    gallery(senderId, "message", sent(i, i % KINDS === VOICE ? payload : marked("f", i), payload));
    gallery(senderId, ...happened(i, marked("e", i)));
  });
  message.flush();
  db.exec("COMMIT");
  return marks;
}

/** Behind the back of a server that is not running. */
export function makeAdmin(dataDir: string, userId: string): void {
  using db = new DatabaseSync(join(dataDir, "imserver.db"));
  db.prepare("UPDATE users SET role = 1 WHERE id = ?").run(Number(userId));
}

export const GALLERY = "5000000";
/** Of the groups, and of the people. */
export const FIRST_ID = 6_000_000;

/** The same words wherever something might be made of them. */
function written(payload: string): string {
  return `**${payload}** _${payload}_ \`${payload}\` ~~${payload}~~\n> ${payload}\n- ${payload}\n` +
    `[${payload}](${payload}) https://example.org/${payload}\n\`\`\`${payload}\n${payload}\n\`\`\``;
}

/** How many kinds of messages there are in `sent`, and which one is a voice. */
const KINDS = 8;
const VOICE = 2;

/** A message of every kind in turn, each of its words a payload, and each of its addresses. */
function sent(index: number, name: string, payload: string): object {
  const file = { url: payload, name, size: 10, mime: "image/svg+xml" };
  const picture = { width: 10, height: 10, thumbnail: payload, caption: payload };
  const kinds = [
    { type: "image", file, ...picture },
    { type: "file", file, caption: payload },
    { type: "voice", file: { ...file, mime: "audio/webm" }, durationMs: 1000, waveform: [payload, 1] },
    { type: "video", file: { ...file, mime: "video/webm" }, durationMs: 1000, ...picture },
    { type: "location", latitude: 1, longitude: 2, name, address: payload },
    { type: "custom", name: payload, data: { [payload]: payload }, fallback: name },
    {
      type: "merged",
      title: name,
      items: [{ senderName: payload, content: { type: "text", text: payload } }],
    },
    { type: "text", text: name, mentions: { userIds: [payload] }, replyTo: payload },
  ];
  return kinds[index % KINDS];
}

/** Something that happened in the group. */
function happened(index: number, words: string): [kind: string, content: object] {
  const kinds: [string, object][] = [
    ["group.updated", { title: words }],
    ["group.announced", { text: words }],
    ["member.renamed", { memberId: String(FIRST_ID + index), nickname: words }],
  ];
  return kinds[index % kinds.length];
}

function inserters(db: DatabaseSync, readerId: number) {
  const insert = (table: string, columns: string) =>
    db.prepare(`INSERT INTO ${table} (${columns}) VALUES (${columns.replaceAll(/\w+/g, "?")})`);
  const users = insert(
    "users",
    "id, username, username_key, display_name, display_key, password_hash, created_at",
  );
  const conversations = insert(
    "conversations",
    "id, type, title, low_user_id, high_user_id, member_count, created_at",
  );
  const members = insert(
    "members",
    "conversation_id, user_id, role, can_send, joined_at, first_seq, left_seq, is_group",
  );
  const texts = insert("group_texts", "conversation_id, description, announcement");
  const entries = insert("entries", "conversation_id, seq, kind, sender_id, at, message_no, client_id, body");
  const heads = insert("heads", "conversation_id, last_seq, last_message_no, last_message_seq, last_at");
  const state = new Map<number, { seq: number; no: number; messageSeq: number }>();
  const at = Date.now() - 3_600_000;
  return {
    user: (id: number, name: string) => users.run(id, `u${id}`, `u${id}`, name, name, "", at),
    /** Answers what appends to it. */
    group(id: number, title: string) {
      conversations.run(id, 1, title, 0, 0, 1, at);
      members.run(id, readerId, 0, 1, at, 1, null, 1);
      texts.run(id, title, title);
      const head = { seq: 0, no: 0, messageSeq: 0 };
      state.set(id, head);
      return (senderId: number, kind: string, content: object) => {
        head.seq++;
        if (kind === "message") {
          head.no++;
          head.messageSeq = head.seq;
        }
        entries.run(id, head.seq, kind, senderId, at, head.no, `c${head.seq}`, JSON.stringify(content));
      };
    },
    message: {
      flush() {
        for (const [id, { seq, no, messageSeq }] of state) heads.run(id, seq, no, messageSeq, at);
      },
    },
  };
}
