import type { OidcIdentity } from "../auth/oidc.ts";
import { parseUsername } from "../auth/usernames.ts";
import type { Data, User } from "../data/service.ts";
import { foldName } from "../kit/fold.ts";
import { ImError, type Output } from "../wire/mod.ts";
import { DisplayName } from "../wire/schemas.ts";
import type { Origin } from "./handlers.ts";
import { openSession, type SessionParts } from "./open_session.ts";

export interface IdentityParts extends SessionParts {
  registration: "open" | "closed";
  /** From 0 to 1. */
  random: () => number;
}

const TRIES = 20;

/** Logs in whom another server vouches for; who comes the first time gets an account. Never by e-mail address. */
export async function loginByIdentity(
  parts: IdentityParts,
  identity: OidcIdentity,
  origin: Origin,
): Promise<Output<"auth.login">> {
  const { user } = await parts.data.users.byIdentity({ hash: identity.hash });
  return await openSession(parts, user ?? await makeAccount(parts, identity), origin, { cookie: true });
}

/** Lets a person who is logged in log in by the other server too. Errors: session_ended, conflict. */
export async function linkIdentity(
  data: Pick<Data, "users" | "sessions">,
  { userId, sessionId }: { userId: number; sessionId: number },
  { hash, issuer }: OidcIdentity,
): Promise<void> {
  await data.sessions.check({ id: sessionId, userId });
  await data.users.link({ userId, identity: { hash, issuer } });
}

async function makeAccount(parts: IdentityParts, identity: OidcIdentity): Promise<User> {
  if (parts.registration === "closed") throw new ImError("registration_closed");
  const { hash, issuer } = identity;
  for (let tried = 0; tried < TRIES; tried++) {
    const { username, key } = nameFor(identity.username ?? "", tried, parts.random);
    const displayName = DisplayName.safeParse(identity.displayName).data ?? username;
    try {
      return await parts.data.users.create({
        username,
        usernameKey: key,
        displayName,
        displayKey: foldName(displayName),
        // No password has this hash.
        passwordHash: "",
        identity: { hash, issuer },
      });
    } catch (error) {
      if (!(error instanceof ImError) || error.code !== "username_taken") throw error;
    }
  }
  throw new ImError("username_taken");
}

/** What they are called there, made a username; then with ever other numbers behind, for where it is taken. */
export function nameFor(
  wanted: string,
  tried: number,
  random: () => number,
): { username: string; key: string } {
  const base = wanted.normalize("NFKC").replaceAll(/[^\p{L}\p{Nd}]+/gu, ".").replaceAll(/^\.|\.$/g, "");
  const number = tried === 0 ? "" : String(tried < 5 ? tried + 1 : 10_000 + Math.floor(random() * 90_000));
  for (const one of [[...base].slice(0, 24).join("").replace(/\.$/, ""), "user"]) {
    try {
      return parseUsername(one + number);
    } catch {
      // Reserved, of mixed scripts, or empty: then the plainest name there is.
    }
  }
  return parseUsername(`user${number}`);
}
