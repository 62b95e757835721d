import { ImError } from "../../wire/errors.ts";
import type { Bots, BotToken } from "../service.ts";
import { type Row, type Storage, type Tx, UniqueViolation } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { lockHeads } from "./entries.ts";
import { retryOnce } from "./retry_once.ts";
import { noteRevised } from "./revisions.ts";
import { endAll, requireEnabled } from "./sessions.ts";
import { COLUMNS, insertUser, toUser, type UserRow } from "./users.ts";

/** Tokens a bot may have. */
const MAX_TOKENS = 10;
/** A token does not expire; this is what its session says. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** A bot of an owner's, and not one that was deleted. */
const OWNED = "owner_id = ? AND closed_at = 0";

const TOKEN = "SELECT id, user_id, device_name, scopes, refresh_hash, created_at, revoked_at FROM sessions";

interface TokenRow extends Row {
  id: number;
  user_id: number;
  device_name: string;
  scopes: string;
  refresh_hash: string;
  created_at: number;
  revoked_at: number | null;
}

/** Accounts that programs use, and their tokens. */
export function createBots(db: Storage, { now, nextId }: Clock): Bots {
  /** Runs with the heads of the owner and the bot held, if it is the owner's. */
  function withBot<T>(ownerId: number, botId: number, run: (tx: Tx, bot: UserRow) => Promise<T>): Promise<T> {
    return db.transaction(async (tx) => {
      await lockHeads(tx, [ownerId, botId]);
      const [bot] = await tx.all<UserRow>(`SELECT ${COLUMNS} FROM users WHERE id = ? AND ${OWNED}`, [
        botId,
        ownerId,
      ]);
      if (!bot) throw new ImError("not_found", "No such bot");
      return await run(tx, bot);
    });
  }

  return {
    create: ({ ownerId, maxBots, ...names }) =>
      retryOnce(() =>
        db.transaction(async (tx) => {
          await lockHeads(tx, [ownerId]);
          await requireEnabled(tx, ownerId);
          const [owner] = await tx.all<UserRow>(`SELECT ${COLUMNS} FROM users WHERE id = ?`, [ownerId]);
          if (!owner || owner.owner_id > 0) throw new ImError("forbidden", "A bot owns no bots");
          const bots = await tx.all(`SELECT id FROM users WHERE ${OWNED}`, [ownerId]);
          if (bots.length >= maxBots) throw new ImError("too_many", `Nobody has more than ${maxBots} bots`);
          const account = { ...names, id: nextId(), createdAt: now(), ownerId, role: 0 };
          // No password has this hash.
          return await insertUser(tx, { ...account, passwordHash: "" });
        })
      ),

    async list({ ownerId }) {
      const bots = await db.all<UserRow>(`SELECT ${COLUMNS} FROM users WHERE ${OWNED} ORDER BY id`, [
        ownerId,
      ]);
      const rows = await db.allIn<TokenRow>(
        `${TOKEN} WHERE revoked_at IS NULL AND user_id IN {keys}`,
        bots.map(({ id }) => [id]),
      );
      const running = rows.sort((a, b) => a.id - b.id);
      return {
        bots: bots.map((bot) => ({
          user: toUser(bot),
          tokens: running.filter((row) => row.user_id === bot.id).map(toToken),
        })),
      };
    },

    rename: ({ ownerId, botId, displayName, displayKey }) =>
      withBot(ownerId, botId, async (tx, bot) => {
        await tx.run("UPDATE users SET display_name = ?, display_key = ? WHERE id = ?", [
          displayName,
          displayKey,
          botId,
        ]);
        await noteRevised(tx, [botId]);
        return toUser({ ...bot, display_name: displayName });
      }),

    delete: ({ ownerId, botId }) =>
      withBot(ownerId, botId, async (tx) => {
        const at = now();
        const ended = await endAll(tx, [botId], at);
        // No name begins so, and none is folded to it.
        const gone = [at, at, "Deleted bot", `#${botId}`, `#${botId}`, `#${botId}`, botId];
        await tx.run(
          `UPDATE users SET closed_at = ?, disabled_at = ?, display_name = ?, display_key = ?, username = ?,
           username_key = ? WHERE id = ?`,
          gone,
        );
        await noteRevised(tx, [botId]);
        return { endedIds: ended.map(({ sessionId }) => sessionId) };
      }),

    createToken: ({ ownerId, botId, id, name, hash, scopes }) =>
      orConflict(withBot(ownerId, botId, async (tx) => {
        await requireEnabled(tx, botId);
        const running = await tx.all("SELECT id FROM sessions WHERE user_id = ? AND revoked_at IS NULL", [
          botId,
        ]);
        if (running.length >= MAX_TOKENS) {
          throw new ImError("too_many", `A bot has at most ${MAX_TOKENS} tokens`);
        }
        return await insertToken(tx, { id, botId, name, scopes, createdAt: now() }, hash);
      })),

    rotateToken: ({ ownerId, botId, id, nextId, hash }) =>
      orConflict(withBot(ownerId, botId, async (tx) => {
        const [row] = await tx.all<TokenRow>(`${TOKEN} WHERE id = ? AND user_id = ? AND revoked_at IS NULL`, [
          id,
          botId,
        ]);
        if (!row) throw new ImError("not_found", "No such token");
        await endToken(tx, botId, id, now());
        return await insertToken(tx, { ...toToken(row), id: nextId, createdAt: now() }, hash);
      })),

    revokeToken: ({ ownerId, botId, id }) =>
      withBot(ownerId, botId, async (tx) => {
        await endToken(tx, botId, id, now());
        return {};
      }),

    async checkToken({ id, hash }) {
      const [row] = await db.all<TokenRow>(`${TOKEN} WHERE id = ? AND refresh_hash = ? AND scopes <> ''`, [
        id,
        hash,
      ]);
      if (!row) throw new ImError("token_invalid");
      if (row.revoked_at !== null) throw new ImError("session_ended");
      return toToken(row);
    },
  };
}

async function insertToken(tx: Tx, token: BotToken, hash: string): Promise<BotToken> {
  const columns = [
    "id",
    "user_id",
    "device_name",
    "device_kind",
    "family_hash",
    "refresh_hash",
    "created_at",
    "used_at",
    "expires_at",
    "scopes",
  ];
  const { id, botId, name, scopes, createdAt } = token;
  // Without a family no refresh token is one of this session's.
  const row = [id, botId, name, "bot", "", hash, createdAt, createdAt, NEVER, scopes.join(",")];
  await tx.insert("sessions", columns, [row]);
  return token;
}

async function endToken(tx: Tx, botId: number, id: number, at: number): Promise<void> {
  await tx.run("UPDATE sessions SET revoked_at = ? WHERE id = ? AND user_id = ? AND revoked_at IS NULL", [
    at,
    id,
    botId,
  ]);
}

async function orConflict<T>(transaction: Promise<T>): Promise<T> {
  try {
    return await transaction;
  } catch (error) {
    throw error instanceof UniqueViolation ? new ImError("conflict") : error;
  }
}

function toToken(row: TokenRow): BotToken {
  const { id, user_id: botId, device_name: name, created_at: createdAt } = row;
  return { id, botId, name, scopes: row.scopes.split(","), createdAt };
}
