import { foldName } from "../../../kit/fold.ts";
import { ImError } from "../../../wire/errors.ts";
import { type Groups, MemberRole, type UpdateGroupRequest, Who } from "../../service.ts";
import type { Reads, Row, Storage, Tx } from "../../sql/driver.ts";
import type { Clock } from "../clock.ts";
import { lockHeads } from "../entries.ts";
import { setAvatarUrl } from "../file_refs.ts";
import { mutedUntil } from "../may_write.ts";
import { type GroupRow, recordChange, requireActor, unchanged } from "./group_row.ts";

type Info = Pick<Groups, "get" | "update" | "announce" | "setNickname">;

const { MEMBER_ROLE_MEMBER: MEMBER, MEMBER_ROLE_ADMIN: ADMIN } = MemberRole;

interface TextsRow extends Row {
  description: string;
  announcement: string;
  announced_by: number;
  announced_at: number;
}

const NO_TEXTS: TextsRow = { description: "", announcement: "", announced_by: 0, announced_at: 0 };

/** What a group is called and allows, and what a member is called in it. */
export function createInfo(db: Storage, { now }: Clock): Info {
  return {
    async get({ conversationId, userId }) {
      const { group, actor } = await requireActor(db, conversationId, userId, MEMBER);
      const texts = await readTexts(db, conversationId);
      return {
        id: group.id,
        title: group.title,
        avatar: group.avatar,
        description: texts.description,
        announcement: texts.announcement,
        announcedBy: texts.announced_by,
        announcedAt: texts.announced_at,
        whoInvites: group.who_invites,
        whoChangesInfo: group.who_changes_info,
        whoWrites: group.who_writes,
        approval: group.approval === 1,
        historyForNewMembers: group.history === 1,
        mutedUntil: group.muted_until,
        memberCount: group.member_count,
        createdAt: group.created_at,
        myNickname: await nicknameOf(db, conversationId, userId),
        myMutedUntil: mutedUntil(group, actor),
      };
    },

    update: (request) =>
      db.transaction(async (tx) => {
        const { conversationId, userId } = request;
        await lockHeads(tx, [conversationId]);
        const { group, actor } = await requireActor(tx, conversationId, userId, MEMBER);
        const texts = await readTexts(tx, conversationId);
        requireMayUpdate(request, group, actor.role);
        const columns = columnsOf(request);
        const changed = Object.keys(columns).filter((name) => columns[name] !== { ...group, ...texts }[name]);
        if (changed.length === 0) return unchanged();
        if (request.avatar !== undefined) {
          const avatar = { holderId: conversationId, actorId: userId, url: request.avatar };
          await setAvatarUrl(tx, avatar, now());
        }
        await store(tx, conversationId, columns);
        const content = contentOf(request, changed);
        return await recordChange(
          tx,
          conversationId,
          { kind: "group.updated", actorId: userId, content },
          now(),
        );
      }),

    announce: ({ conversationId, userId, text }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId]);
        await requireActor(tx, conversationId, userId);
        if ((await readTexts(tx, conversationId)).announcement === text) return unchanged();
        const event = { kind: "group.announced", actorId: userId, content: { text } };
        const change = await recordChange(tx, conversationId, event, now());
        await storeTexts(tx, conversationId, {
          announcement: text,
          announced_by: userId,
          announced_at: change.entry!.at,
        });
        return change;
      }),

    setNickname: ({ conversationId, userId, nickname, nicknameKey }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId]);
        await requireActor(tx, conversationId, userId, MEMBER);
        if (await nicknameOf(tx, conversationId, userId) === nickname) return unchanged();
        await tx.run(
          "UPDATE members SET nickname = ?, nickname_key = ? WHERE conversation_id = ? AND user_id = ?",
          [nickname, nicknameKey, conversationId, userId],
        );
        const content = { memberId: String(userId), nickname };
        const event = { kind: "member.renamed", actorId: userId, content };
        return await recordChange(tx, conversationId, event, now());
      }),
  };
}

/** Its columns in both tables by what a request calls them, and whether members may be allowed to change them. */
const FIELDS = {
  title: { column: "title", isInfo: true },
  avatar: { column: "avatar", isInfo: true },
  description: { column: "description", isInfo: true },
  whoInvites: { column: "who_invites", isInfo: false },
  whoChangesInfo: { column: "who_changes_info", isInfo: false },
  whoWrites: { column: "who_writes", isInfo: false },
  approval: { column: "approval", isInfo: false },
  historyForNewMembers: { column: "history", isInfo: false },
} as const;
type Field = keyof typeof FIELDS;

const givenIn = (request: UpdateGroupRequest) =>
  (Object.keys(FIELDS) as Field[]).filter((field) => request[field] !== undefined);

function requireMayUpdate(request: UpdateGroupRequest, group: GroupRow, role: number): void {
  const infoNeeds = group.who_changes_info === Who.WHO_MEMBERS ? MEMBER : ADMIN;
  // Without anything to change, too: who may not change it learns nothing else.
  const needed = givenIn(request).map((field) => FIELDS[field].isInfo ? infoNeeds : ADMIN);
  if (role < Math.max(...needed, infoNeeds)) throw new ImError("forbidden");
}

function columnsOf(request: UpdateGroupRequest): Record<string, string | number> {
  return Object.fromEntries(
    givenIn(request).map((field) => {
      const value = request[field]!;
      return [FIELDS[field].column, typeof value === "boolean" ? Number(value) : value];
    }),
  );
}

/** The entry's content: what has changed, as clients write it. */
function contentOf(request: UpdateGroupRequest, changed: readonly string[]): Record<string, unknown> {
  const fields = givenIn(request).filter((field) => changed.includes(FIELDS[field].column));
  return Object.fromEntries(fields.map((field) => {
    const isWho = field === "whoInvites" || field === "whoChangesInfo" || field === "whoWrites";
    const who = request[field] === Who.WHO_MEMBERS ? "members" : "admins";
    return [field, isWho ? who : request[field]];
  }));
}

async function store(
  tx: Tx,
  conversationId: number,
  { description, ...columns }: Record<string, string | number>,
): Promise<void> {
  // By which admins find it.
  if (columns.title !== undefined) columns.title_key = foldName(String(columns.title));
  const names = Object.keys(columns);
  if (names.length > 0) {
    await tx.run(`UPDATE conversations SET ${names.map((name) => `${name} = ?`)} WHERE id = ?`, [
      ...Object.values(columns),
      conversationId,
    ]);
  }
  if (description !== undefined) await storeTexts(tx, conversationId, { description: String(description) });
}

export async function storeTexts(tx: Tx, conversationId: number, texts: Partial<TextsRow>): Promise<void> {
  const columns = ["conversation_id", ...Object.keys(texts)];
  await tx.upsert("group_texts", columns, 1, "set", [[conversationId, ...Object.values(texts) as string[]]]);
}

export async function readTexts(db: Reads, conversationId: number): Promise<TextsRow> {
  const [row] = await db.all<TextsRow>(
    "SELECT description, announcement, announced_by, announced_at FROM group_texts WHERE conversation_id = ?",
    [conversationId],
  );
  return row ?? NO_TEXTS;
}

async function nicknameOf(db: Reads, conversationId: number, userId: number): Promise<string> {
  const [row] = await db.all<Row & { nickname: string }>(
    "SELECT nickname FROM members WHERE conversation_id = ? AND user_id = ?",
    [conversationId, userId],
  );
  return row.nickname;
}
