import { ImError } from "../../wire/errors.ts";
import { type Relations, RelationState as State } from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { lockHeads } from "./entries.ts";
import { appendInboxes } from "./inbox.ts";
import { toRelation } from "./relation_lists.ts";
import { readPair, tagsOf } from "./relation_rows.ts";

/** Different tags of one user. */
const MAX_TAGS = 100;

/** What a user keeps about a friend; nobody else sees it. */
export function createFriendNotes(db: Storage, { now }: Clock): Pick<Relations, "configure" | "tags"> {
  return {
    configure: ({ userId, otherId, ...wanted }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId]);
        const { mine } = await readPair(tx, userId, otherId);
        if (mine.state !== State.RELATION_FRIENDS) throw new ImError("not_friends");
        const had = tagsOf(mine);
        const tags = wanted.tags ? [...new Set(wanted.tags.tags)].sort() : had;
        const remark = wanted.remark ?? mine.remark;
        if (remark === mine.remark && tags.join("\n") === had.join("\n")) {
          return { relation: toRelation(mine), inbox: undefined };
        }
        await changeTags(tx, userId, otherId, had, tags);
        const content = { userId: String(otherId), remark, tags };
        const item = { userId, actorId: userId, kind: "friend.configured", content };
        const [inbox] = await appendInboxes(tx, [item], now());
        const row = {
          ...mine,
          remark,
          tags: tags.length === 0 ? "" : JSON.stringify(tags),
          version: inbox.entries[0].seq,
        };
        await tx.run(
          "UPDATE relations SET remark = ?, tags = ?, version = ? WHERE user_id = ? AND other_id = ?",
          [row.remark, row.tags, row.version, userId, otherId],
        );
        return { relation: toRelation(row), inbox };
      }),

    async tags({ userId }) {
      const rows = await db.all<Row & { tag: string; n: number }>(
        "SELECT tag, COUNT(*) AS n FROM relation_tags WHERE user_id = ? GROUP BY tag ORDER BY tag",
        [userId],
      );
      return { tags: rows.map(({ tag, n }) => ({ tag, friends: n })) };
    },
  };
}

async function changeTags(
  tx: Tx,
  userId: number,
  otherId: number,
  had: readonly string[],
  tags: readonly string[],
): Promise<void> {
  for (const tag of had.filter((tag) => !tags.includes(tag))) {
    await tx.run("DELETE FROM relation_tags WHERE user_id = ? AND tag = ? AND other_id = ?", [
      userId,
      tag,
      otherId,
    ]);
  }
  await tx.insertMissing(
    "relation_tags",
    ["user_id", "tag", "other_id"],
    tags.filter((tag) => !had.includes(tag)).map((tag) => [userId, tag, otherId]),
  );
  const [{ n }] = await tx.all<Row & { n: number }>(
    "SELECT COUNT(DISTINCT tag) AS n FROM relation_tags WHERE user_id = ?",
    [userId],
  );
  if (n > MAX_TAGS) {
    throw new ImError("too_many", `There may be ${MAX_TAGS} different tags`, { field: "tags" });
  }
}
