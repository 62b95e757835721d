import { newBotToken } from "../auth/bot_tokens.ts";
import { parseUsername } from "../auth/usernames.ts";
import type { Bus } from "../bus/bus.ts";
import type { BotToken, Data } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import { ImError, type Output } from "../wire/mod.ts";
import { announceEntry, announceInboxes } from "./announce.ts";
import type { HandlersOf } from "./handlers.ts";
import { presentUser } from "./present.ts";
import { announceSessionEnd } from "./sessions.ts";

export interface BotParts {
  data: Data;
  bus: Bus;
  nextId: () => number;
  /** Bots that one person may have. */
  maxBotsPerOwner: number;
}

/** Accounts that programs use. */
export function createBotHandlers({ data, bus, nextId, maxBotsPerOwner }: BotParts): HandlersOf<"bot"> {
  async function leave(userId: number, conversationId: number): Promise<void> {
    try {
      const { entry, inboxes } = await data.conversations.leave({ conversationId, userId });
      if (entry) announceEntry(bus, conversationId, [], entry);
      announceInboxes(bus, inboxes);
    } catch (error) {
      // It was removed meanwhile.
      if (!(error instanceof ImError && error.code === "conversation_not_found")) throw error;
    }
  }

  return {
    "bot.create": async ({ userId: ownerId }, input) => {
      const { username, key: usernameKey } = parseUsername(input.username);
      const displayName = input.displayName ?? username;
      const names = { username, usernameKey, displayName, displayKey: foldName(displayName) };
      const bot = await data.bots.create({ ownerId, ...names, maxBots: maxBotsPerOwner });
      return { ...presentUser(bot), tokens: [] };
    },

    "bot.list": async ({ userId }) => {
      const { bots } = await data.bots.list({ ownerId: userId });
      return {
        bots: bots.map(({ user, tokens }) => ({ ...presentUser(user!), tokens: tokens.map(presentToken) })),
      };
    },

    "bot.update": async ({ userId }, { botId, displayName }) => {
      const names = { displayName, displayKey: foldName(displayName) };
      return presentUser(await data.bots.rename({ ownerId: userId, botId: Number(botId), ...names }));
    },

    "bot.delete": async ({ userId: ownerId }, input) => {
      const botId = Number(input.botId);
      const { bots } = await data.bots.list({ ownerId });
      if (!bots.some(({ user }) => user!.id === botId)) throw new ImError("not_found", "No such bot");
      // Cut off in between, the bot is still there, and to be deleted again.
      const { groups } = await data.conversations.listening({ userId: botId });
      for (const { conversationId } of groups) await leave(botId, conversationId);
      const { endedIds } = await data.bots.delete({ ownerId, botId });
      for (const id of endedIds) announceSessionEnd(bus, botId, id);
      return {};
    },

    "bot.createToken": async ({ userId }, { botId, name, scopes }) => {
      const id = nextId();
      const { token: secret, hash } = newBotToken(id);
      const request = { ownerId: userId, botId: Number(botId), id, name, hash, scopes: [...new Set(scopes)] };
      return { token: presentToken(await data.bots.createToken(request)), secret };
    },

    "bot.rotateToken": async ({ userId }, input) => {
      const [botId, id, next] = [Number(input.botId), Number(input.tokenId), nextId()];
      const { token: secret, hash } = newBotToken(next);
      const token = await data.bots.rotateToken({ ownerId: userId, botId, id, nextId: next, hash });
      announceSessionEnd(bus, botId, id);
      return { token: presentToken(token), secret };
    },

    "bot.revokeToken": async ({ userId }, input) => {
      const [botId, id] = [Number(input.botId), Number(input.tokenId)];
      await data.bots.revokeToken({ ownerId: userId, botId, id });
      announceSessionEnd(bus, botId, id);
      return {};
    },
  };
}

type Shown = Output<"bot.createToken">["token"];

function presentToken({ id, name, scopes, createdAt }: BotToken): Shown {
  return { id: String(id), name, scopes: scopes as Shown["scopes"], createdAt };
}
