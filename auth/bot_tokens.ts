import { hashOneTimeToken, newOneTimeToken } from "./refresh.ts";

/**
 * What a bot sends as its Bearer token: `imb_<id>_<secret>`. The id finds it without an index; the secret is 32 random
 * bytes, so a plain SHA-256 of it is what is stored. The beginning lets tools that look for leaked secrets find it.
 */
const BOT_TOKEN = /^imb_([1-9][0-9]{0,15})_([A-Za-z0-9_-]{43})$/;

export function newBotToken(id: number): { token: string; hash: string } {
  const { token: secret, hash } = newOneTimeToken();
  return { token: `imb_${id}_${secret}`, hash };
}

/** Whether it says that it is a bot's. */
export const isBotToken = (token: string): boolean => token.startsWith("imb_");

/** Null for whatever `newBotToken` could not have made. */
export function parseBotToken(token: string): { id: number; hash: string } | null {
  const match = BOT_TOKEN.exec(token);
  const id = Number(match?.[1]);
  return match && Number.isSafeInteger(id) ? { id, hash: hashOneTimeToken(match[2]) } : null;
}
