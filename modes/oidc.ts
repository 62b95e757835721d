import { createOidc } from "../auth/oidc.ts";
import type { LoginSeals } from "../auth/sealed_login.ts";
import { type IdentityParts, linkIdentity, loginByIdentity } from "../chat/identities.ts";
import type { OidcLogin } from "../gateway/oidc.ts";
import type { Logger } from "../kit/log.ts";
import { API_PREFIX } from "../wire/mod.ts";
import { type Config, reasonOf, UsageError } from "./config.ts";

interface Parts extends Omit<IdentityParts, "random"> {
  seals: LoginSeals;
  log: Logger;
}

/** Login at another server, if there is one. Errors: UsageError (its secret's file cannot be read). */
export function openOidc(config: Config, { seals, log, ...parts }: Parts): OidcLogin | undefined {
  const { oidcIssuer: issuer, oidcClientId: clientId, publicUrl } = config;
  // requireTogether has looked.
  if (!issuer || !clientId || !publicUrl) return undefined;
  const oidc = createOidc({
    issuer,
    clientId,
    clientSecret: readSecret(config.oidcClientSecretFile),
    redirectUri: `${publicUrl}${API_PREFIX}/auth/oidc/callback`,
    now: parts.now,
    onFailure: (because) => log.warn("a login at the OpenID server failed", { issuer, because }),
  });
  return {
    oidc,
    seals,
    login: (identity, origin) => loginByIdentity({ ...parts, random: Math.random }, identity, origin),
    link: (who, identity) => linkIdentity(parts.data, who, identity),
  };
}

function readSecret(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    const secret = Deno.readTextFileSync(path).trim();
    if (secret !== "") return secret;
  } catch (error) {
    throw new UsageError(`--oidc-client-secret-file ${path} cannot be read (${reasonOf(error)})`);
  }
  throw new UsageError(`--oidc-client-secret-file ${path} is empty`);
}
