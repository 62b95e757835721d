import { ImError } from "../../../wire/errors.ts";
import type { GroupLink, Groups } from "../../service.ts";
import type { Reads, Row, Storage } from "../../sql/driver.ts";
import { UniqueViolation } from "../../sql/driver.ts";
import type { Clock } from "../clock.ts";
import { lockHeads } from "../entries.ts";
import { requireActor, requireGroup } from "./group_row.ts";
import { readTexts } from "./info.ts";

const MAX_LINKS = 100;

export interface LinkRow extends Row {
  code: string;
  conversation_id: number;
  created_by: number;
  created_at: number;
  expires_at: number;
  max_uses: number;
  uses: number;
}

const SELECT =
  "SELECT code, conversation_id, created_by, created_at, expires_at, max_uses, uses FROM group_links";
/** Of no use any more: expired, or used up. */
const DEAD = "((expires_at > 0 AND expires_at <= ?) OR (max_uses > 0 AND uses >= max_uses))";

/** The codes by which people let themselves into groups. */
export function createLinks(
  db: Storage,
  { now }: Clock,
): Pick<Groups, "createLink" | "links" | "revokeLink" | "preview"> {
  return {
    async createLink({ conversationId, userId, code, expiresAt, maxUses }) {
      const work = () =>
        db.transaction(async (tx) => {
          await lockHeads(tx, [conversationId]);
          await requireActor(tx, conversationId, userId);
          await tx.run(`DELETE FROM group_links WHERE conversation_id = ? AND ${DEAD}`, [
            conversationId,
            now(),
          ]);
          const [{ count }] = await tx.all<Row & { count: number }>(
            "SELECT COUNT(*) AS count FROM group_links WHERE conversation_id = ?",
            [conversationId],
          );
          if (count >= MAX_LINKS) {
            throw new ImError("too_many", `A group has at most ${MAX_LINKS} invitations`);
          }
          const row = { code, conversation_id: conversationId, created_by: userId, created_at: now() };
          const all = { ...row, expires_at: expiresAt, max_uses: maxUses, uses: 0 };
          await tx.insert("group_links", Object.keys(all), [Object.values(all)]);
          return toLink(all);
        });
      try {
        return await work();
      } catch (error) {
        throw error instanceof UniqueViolation ? new ImError("conflict") : error;
      }
    },

    async links({ conversationId, userId }) {
      await requireActor(db, conversationId, userId);
      const rows = await db.all<LinkRow>(
        `${SELECT} WHERE conversation_id = ? AND NOT ${DEAD} ORDER BY created_at DESC, code`,
        [conversationId, now()],
      );
      return { links: rows.map(toLink) };
    },

    revokeLink: ({ conversationId, userId, code }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId]);
        await requireActor(tx, conversationId, userId);
        await tx.run("DELETE FROM group_links WHERE conversation_id = ? AND code = ?", [
          conversationId,
          code,
        ]);
        return {};
      }),

    async preview({ code, userId }) {
      const link = await requireLink(db, code, now());
      const group = await requireGroup(db, link.conversation_id);
      await requireNotBanned(db, group.id, userId);
      const { description } = await readTexts(db, group.id);
      return {
        title: group.title,
        avatar: group.avatar,
        description,
        memberCount: group.member_count,
        approval: group.approval === 1,
      };
    },
  };
}

/** Errors: link_invalid. */
export async function requireLink(db: Reads, code: string, now: number): Promise<LinkRow> {
  const [link] = await db.all<LinkRow>(`${SELECT} WHERE code = ? AND NOT ${DEAD}`, [code, now]);
  if (!link) throw new ImError("link_invalid");
  return link;
}

/** Errors: banned. */
export async function requireNotBanned(db: Reads, conversationId: number, userId: number): Promise<void> {
  const rows = await db.all("SELECT at FROM group_bans WHERE conversation_id = ? AND user_id = ?", [
    conversationId,
    userId,
  ]);
  if (rows.length > 0) throw new ImError("banned");
}

function toLink(row: LinkRow): GroupLink {
  const { code, created_by: createdBy, created_at: createdAt, uses } = row;
  return { code, createdBy, createdAt, expiresAt: row.expires_at, maxUses: row.max_uses, uses };
}
