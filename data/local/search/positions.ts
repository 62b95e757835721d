import type { Reads, Row, Tx } from "../../sql/driver.ts";
import type { Batch } from "./index.ts";

type PositionRow = Row & { conversation_id: number; seq: number };

/** How far logs are in the index, the same on every storage. */
export async function readPositions(
  db: Reads,
  conversationIds: readonly number[],
): Promise<Map<number, number>> {
  const rows = await db.allIn<PositionRow>(
    "SELECT conversation_id, seq FROM search_positions WHERE conversation_id IN {keys}",
    conversationIds.map((id) => [id]),
  );
  return new Map(rows.map((row) => [row.conversation_id, row.seq]));
}

/**
 * Moves the positions of a batch on, where they still are what it began from, and answers of which logs that is true:
 * the others somebody else has taken further. The rows stay locked until the transaction ends.
 */
export async function advance(tx: Tx, positions: Batch["positions"]): Promise<Set<number>> {
  const all = [...positions.keys()];
  const columns = ["conversation_id", "seq"];
  await tx.insertMissing("search_positions", columns, all.toSorted((a, b) => a - b).map((id) => [id, 0]));
  const rows = await tx.lock<PositionRow>("search_positions", columns, "conversation_id", all);
  const mine = rows.filter((row) => row.seq === positions.get(row.conversation_id)!.from);
  const moved = mine.map(({ conversation_id: id }) => [id, positions.get(id)!.to]);
  await tx.upsert("search_positions", columns, 1, "set", moved);
  return new Set(mine.map((row) => row.conversation_id));
}
