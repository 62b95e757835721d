import { isBotToken, newBotToken, parseBotToken } from "../../auth/bot_tokens.ts";
import type { KeySet } from "../../auth/keys.ts";
import { newRefreshToken, parseRefreshToken } from "../../auth/refresh.ts";
import { createTokens } from "../../auth/tokens.ts";
import { parseUsername } from "../../auth/usernames.ts";
import { type Data, Role } from "../../data/service.ts";
import { foldName } from "../../kit/fold.ts";
import { createIds } from "../../kit/ids.ts";
import { ImError } from "../../wire/errors.ts";
import { SCOPES } from "../../wire/scopes.ts";
import { type Config, UsageError } from "../config.ts";
import { readKeys } from "../key_file.ts";
import type { Command } from "./command.ts";
import { onData } from "./on_data.ts";

const now = Date.now;

/** For a script: as good as a login of that person, for a quarter of an hour. */
export const tokenNew: Command = async ({ settings: { config }, args: [name], terminal }) => {
  const keys = await readKeys(config.keyFile, { create: false });
  const tokens = createTokens(keys, { now });
  const token = await onData(config, async (data) => {
    const user = await personCalled(data, name);
    const id = createIds(now)();
    const refresh = newRefreshToken(id);
    await asUsage(data.sessions.create({
      id,
      userId: user.id,
      deviceName: "command line",
      deviceKind: "other",
      familyHash: refresh.familyHash,
      refreshHash: refresh.hash,
      expiresAt: now() + tokens.accessTtlSeconds * 1000,
      maxOfKind: 0,
    }));
    const role = user.role === Role.ROLE_ADMIN ? "admin" : "user";
    return await tokens.issue({ userId: user.id, sessionId: id, role });
  });
  terminal.print(token + "\n");
  return 0;
};

/** Makes the bot, if its owner has none of this name, and a token that does not expire. */
export const tokenBot: Command = async ({ settings: { config }, args: [owner, bot], flags, terminal }) => {
  const scopes = String(flags.scopes).split(",").map((scope) => scope.trim());
  const odd = scopes.find((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (odd !== undefined) throw new UsageError(`--scopes ${odd} is none; there are ${SCOPES.join(", ")}`);
  const secret = await onData(config, async (data) => {
    const { id: ownerId } = await personCalled(data, owner);
    const botId = await botCalled(data, ownerId, bot, config);
    const { token, hash } = newBotToken(createIds(now)());
    const { id } = parseBotToken(token)!;
    await asUsage(data.bots.createToken({ ownerId, botId, id, name: String(flags.name), hash, scopes }));
    return token;
  });
  terminal.print(secret + "\n");
  return 0;
};

async function personCalled(data: Data, name: string) {
  const { user } = await data.users.credentials({ usernameKey: foldName(name.trim()) });
  if (!user || user.ownerId) {
    throw new UsageError(`nobody is called ${name}; give the username of a person`);
  }
  return user;
}

async function botCalled(data: Data, ownerId: number, name: string, config: Config): Promise<number> {
  const key = foldName(name.trim());
  const { bots } = await data.bots.list({ ownerId });
  const found = bots.find(({ user }) => foldName(user!.username) === key);
  if (found) return found.user!.id;
  const { username, key: usernameKey } = await asUsage(Promise.resolve().then(() => parseUsername(name)));
  const names = { username, usernameKey, displayName: username, displayKey: foldName(username) };
  return (await asUsage(data.bots.create({ ownerId, maxBots: config.maxBotsPerUser, ...names }))).id;
}

async function asUsage<T>(work: Promise<T>): Promise<T> {
  return await work.catch((error) => {
    throw error instanceof ImError
      ? new UsageError(`${error.message.replace(/\.$/, "")}; nothing was made`)
      : error;
  });
}

/** What a token says, and whether it is good. From standard input: everybody on the machine may see a command line. */
export const tokenInspect: Command = async ({ settings: { config }, flags, terminal }) => {
  const token = (await terminal.readInput()).trim().replace(/^Bearer /, "");
  if (token === "") {
    throw new UsageError("the token is read from standard input; imserver token inspect < FILE");
  }
  const said = isBotToken(token)
    ? await inspectBot(config, token)
    : parseRefreshToken(token)
    ? await inspectRefresh(config, token)
    : await inspectAccess(config, token);
  const lines = Object.entries(said).map(([key, value]) => `${key.padEnd(9)} ${value}`);
  terminal.print(flags.json ? JSON.stringify(said, null, 2) + "\n" : lines.join("\n") + "\n");
  return said.good ? 0 : 1;
};

interface Verdict {
  kind: "access" | "bot" | "refresh" | "none";
  good: boolean;
  because: string;
  [claim: string]: unknown;
}

async function inspectAccess(config: Config, token: string): Promise<Verdict> {
  const claims = readClaims(token);
  if (!claims) return { kind: "none", good: false, because: "it has not the form of any token of imserver" };
  const { header, payload } = claims;
  const said = { kind: "access" as const, key: header.kid, ...withTimes(payload) };
  const keys = await readKeys(config.keyFile, { create: false });
  const bad = await whyBad(keys, token, String(header.kid));
  if (bad) return { ...said, good: false, because: bad };
  return await onData(config, async (data) => {
    const session = { id: Number(payload.sid), userId: Number(payload.sub) };
    return await data.sessions.check(session).then(
      () => ({ ...said, good: true, because: "it is signed by a key of the key file and its session runs" }),
      () => ({
        ...said,
        good: false,
        because: "its session has ended: a log-out, a new password, or it was ended",
      }),
    );
  });
}

async function whyBad(keys: KeySet, token: string, kid: string): Promise<string | null> {
  if (!keys.keys.some((key) => key.kid === kid)) {
    return "the key it names is not in the key file: it is of another server, or the key was replaced";
  }
  try {
    await createTokens(keys, { now }).verify(token);
    return null;
  } catch (error) {
    return (error as ImError).code === "token_expired"
      ? "it has expired; a client gets a new one by its refresh token"
      : "its signature is wrong or its claims are not ours: it was changed on the way, or forged";
  }
}

function readClaims(
  token: string,
): { header: Record<string, unknown>; payload: Record<string, unknown> } | null {
  try {
    const [header, payload] = token.split(".").slice(0, 2)
      .map((part) =>
        JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" })))
      );
    return typeof header === "object" && typeof payload === "object" && header && payload
      ? { header, payload }
      : null;
  } catch {
    return null;
  }
}

function withTimes(payload: Record<string, unknown>): Record<string, unknown> {
  const time = (value: unknown) => typeof value === "number" ? new Date(value * 1000).toISOString() : value;
  return { ...payload, iat: time(payload.iat), exp: time(payload.exp) };
}

async function inspectBot(config: Config, token: string): Promise<Verdict> {
  const parsed = parseBotToken(token);
  const kind = "bot" as const;
  if (!parsed) return { kind, good: false, because: "it is cut off or mistyped" };
  return await onData(config, async (data) => {
    const found = await data.bots.checkToken(parsed).catch(() => null);
    return found
      ? {
        kind,
        good: true,
        because: "its bot has it",
        botId: String(found.botId),
        scopes: found.scopes.join(", "),
      }
      : { kind, good: false, because: "no bot has it: it was revoked or replaced, or is of another server" };
  });
}

async function inspectRefresh(config: Config, token: string): Promise<Verdict> {
  const { sessionId } = parseRefreshToken(token)!;
  return await onData(config, async (data) => {
    const { ids } = await data.sessions.running({ ids: [sessionId] });
    const good = ids.length > 0;
    const because = good
      ? "its session runs (whether this is its newest token is not looked at)"
      : "its session has ended";
    return { kind: "refresh" as const, sid: String(sessionId), good, because };
  });
}
