import * as z from "zod";
import { DisplayName, Id, line, Time, User, Username } from "../schemas.ts";
import { SCOPES } from "../scopes.ts";
import { Empty, Ok, type Operation } from "./operation.ts";

export const BotToken = z.object({
  id: Id,
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: Time,
});
export const Bot = User.extend({ tokens: z.array(BotToken) });
/** `secret` is what the bot sends as `Authorization: Bearer`. Only its hash is kept, so it is shown this once. */
const NewToken = z.object({ token: BotToken, secret: z.string() });

for (const [id, schema] of Object.entries({ Bot, BotToken })) z.globalRegistry.add(schema, { id });

/** Accounts for programs, each with an owner. None of these is for bots themselves. */
export const bots = {
  "bot.create": {
    method: "POST",
    idempotent: "done: username_taken",
    path: "/bots",
    access: "user",
    summary: "Make a bot: a user without a password, which the caller owns",
    input: z.strictObject({ username: Username, displayName: DisplayName.optional() }),
    output: Bot,
  },
  "bot.list": {
    method: "GET",
    path: "/bots",
    access: "user",
    summary: "The caller's bots and their tokens",
    input: Empty,
    output: z.object({ bots: z.array(Bot) }),
  },
  "bot.update": {
    method: "PUT",
    path: "/bots/{botId}",
    access: "user",
    summary: "Give a bot of one's own another display name",
    input: z.strictObject({ botId: Id, displayName: DisplayName }),
    output: User,
  },
  "bot.delete": {
    method: "DELETE",
    idempotent: "done: not_found",
    path: "/bots/{botId}",
    access: "user",
    summary:
      "Delete a bot of one's own: its tokens end, it leaves its groups, and what it wrote stays, from a deleted bot",
    input: z.strictObject({ botId: Id }),
    output: Ok,
  },
  "bot.createToken": {
    method: "POST",
    path: "/bots/{botId}/tokens",
    access: "user",
    summary: "Make a token for a bot of one's own, good for these scopes until it is revoked",
    input: z.strictObject({
      botId: Id,
      name: line(64),
      scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
    }),
    output: NewToken,
  },
  "bot.rotateToken": {
    method: "POST",
    idempotent: "done: not_found",
    path: "/bots/{botId}/tokens/{tokenId}/rotate",
    access: "user",
    summary:
      "Put another token in place of one, with its name and scopes; the former is no good from then on",
    input: z.strictObject({ botId: Id, tokenId: Id }),
    output: NewToken,
  },
  "bot.revokeToken": {
    method: "DELETE",
    path: "/bots/{botId}/tokens/{tokenId}",
    access: "user",
    summary: "Revoke a token; its connections are closed",
    input: z.strictObject({ botId: Id, tokenId: Id }),
    output: Ok,
  },
} as const satisfies Record<string, Operation>;
