import type { Conversations, ConversationSettings } from "../service.ts";
import type { Row, Storage } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { toSettings } from "./conversation_view.ts";
import { lockHeads } from "./entries.ts";
import { appendInboxes } from "./inbox.ts";
import { requireMember } from "./members.ts";
import { touchAlways } from "./touched.ts";

interface SettingsRow extends Row {
  muted: number;
  pinned_at: number;
  archived: number;
  draft: string;
}

const DEFAULTS: SettingsRow = { muted: 0, pinned_at: 0, archived: 0, draft: "" };

/** What a member keeps for themselves about a conversation. It lies with the read marker, and moves like it. */
export function createConfigure(db: Storage, { now }: Clock): Pick<Conversations, "configure"> {
  return {
    configure: ({ conversationId, userId, muted, pinned, archived, draft }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId, userId]);
        await requireMember(tx, conversationId, userId);
        const place = [conversationId, userId];
        const [stored] = await tx.all<SettingsRow>(
          "SELECT muted, pinned_at, archived, draft FROM marks WHERE conversation_id = ? AND user_id = ?",
          place,
        );
        const row = { ...(stored ?? DEFAULTS) };
        if (muted !== undefined) row.muted = muted ? 1 : 0;
        // Pinning what is pinned keeps its place among the pinned.
        if (pinned !== undefined) row.pinned_at = pinned ? row.pinned_at || now() : 0;
        if (archived !== undefined) row.archived = archived ? 1 : 0;
        if (draft !== undefined) row.draft = draft;
        const marks = ["conversation_id", "user_id", "read_seq", "read_no", "own_unread"];
        await tx.insertMissing("marks", marks, [[...place, 0, 0, 0]]);
        await tx.run(
          `UPDATE marks SET muted = ?, pinned_at = ?, archived = ?, draft = ?, moved_at = ?
           WHERE conversation_id = ? AND user_id = ?`,
          [row.muted, row.pinned_at, row.archived, row.draft, now(), ...place],
        );
        await touchAlways(tx, [[userId, conversationId, now()]]);
        const settings = toSettings(row);
        if (isSame(row, stored ?? DEFAULTS)) return { settings, inbox: undefined };
        const content = { conversationId: String(conversationId), ...pickLasting(settings) };
        const item = { userId, actorId: userId, kind: "conversation.configured", content };
        const [inbox] = await appendInboxes(tx, [item], now());
        return { settings, inbox };
      }),
  };
}

/** But for the draft, which changes too often to be remembered each time. */
function isSame(a: SettingsRow, b: SettingsRow): boolean {
  return a.muted === b.muted && a.pinned_at === b.pinned_at && a.archived === b.archived;
}

function pickLasting({ muted, pinnedAt, archived }: ConversationSettings): Record<string, unknown> {
  return { muted, pinnedAt: pinnedAt || null, archived };
}
