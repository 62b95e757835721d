import { freshName } from "../../support/people.ts";
import { people, type Rows } from "../row.ts";
import type { Actor, Scene } from "../scene.ts";

const scopes: ["messages:read"] = ["messages:read"];

/** A bot of the actor's own; of the target's, for nobody. */
async function ownBot({ call, target }: Scene, { person }: Actor) {
  return { botId: (await call(person ?? target, "bot.create", { username: freshName("bot") })).id };
}

async function ownToken(scene: Scene, actor: Actor) {
  const { botId } = await ownBot(scene, actor);
  const { token } = await scene.call(actor.person ?? scene.target, "bot.createToken", {
    botId,
    name: "t",
    scopes,
  });
  return { botId, tokenId: token.id };
}

/** Somebody else's: the extra's, made once. */
let theirs: { botId: string; tokenId: string } | undefined;
async function theirToken({ call, extra }: Scene) {
  if (!theirs) {
    const { id: botId } = await call(extra, "bot.create", { username: freshName("bot") });
    const { token } = await call(extra, "bot.createToken", { botId, name: "t", scopes });
    theirs = { botId, tokenId: token.id };
  }
  return theirs;
}
const theirBot = async (scene: Scene) => ({ botId: (await theirToken(scene)).botId });

export const bots: Rows<
  | "bot.create"
  | "bot.list"
  | "bot.update"
  | "bot.delete"
  | "bot.createToken"
  | "bot.rotateToken"
  | "bot.revokeToken"
> = {
  "bot.create": { input: () => ({ username: freshName("bot") }), expect: people("ok") },
  "bot.list": { input: () => ({}), expect: people("ok") },
  "bot.update": [
    {
      about: "one's own",
      input: async (scene, actor) => ({ ...await ownBot(scene, actor), displayName: "B" }),
      expect: people("ok"),
    },
    {
      about: "somebody else's",
      input: async (scene) => ({ ...await theirBot(scene), displayName: "B" }),
      expect: people("not_found"),
    },
  ],
  "bot.delete": [
    { about: "one's own", input: ownBot, expect: people("ok") },
    { about: "somebody else's", input: theirBot, expect: people("not_found") },
  ],
  "bot.createToken": [
    {
      about: "one's own",
      input: async (scene, actor) => ({ ...await ownBot(scene, actor), name: "t", scopes }),
      expect: people("ok"),
    },
    {
      about: "somebody else's",
      input: async (scene) => ({ ...await theirBot(scene), name: "t", scopes }),
      expect: people("not_found"),
    },
  ],
  "bot.rotateToken": [
    { about: "one's own", input: ownToken, expect: people("ok") },
    { about: "somebody else's", input: theirToken, expect: people("not_found") },
  ],
  "bot.revokeToken": [
    { about: "one's own", input: ownToken, expect: people("ok") },
    { about: "somebody else's", input: theirToken, expect: people("not_found") },
  ],
};
