import { createHash } from "node:crypto";
import * as oauth from "oauth4webapi";
import { ImError } from "../wire/errors.ts";

/** What a login at the other server is begun with, and must come back to. Kept by the browser that began it. */
export interface PendingLogin {
  state: string;
  nonce: string;
  /** RFC 7636. */
  verifier: string;
}

/** Who the other server says somebody is. */
export interface OidcIdentity {
  issuer: string;
  /** SHA-256 of the issuer and its name for them, 43 characters of base64url. */
  hash: string;
  /** As they are called there; no proof of anything. */
  username?: string;
  displayName?: string;
}

/** Login at another server by OpenID Connect: authorization code flow with PKCE. */
export interface Oidc {
  /** Where to send the browser. Errors: unavailable (the other server does not answer as one). */
  begin(): Promise<{ url: string; pending: PendingLogin }>;
  /** What the browser came back with. Errors: oidc_failed (said no, or it is not what was begun), unavailable. */
  finish(callback: URLSearchParams, pending: PendingLogin): Promise<OidcIdentity>;
}

export interface OidcOptions {
  /** The issuer's address, as it calls itself: https, or http on this machine. */
  issuer: string;
  clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  clientSecret?: string;
  /** Where the browser comes back to. */
  redirectUri: string;
  now: () => number;
  /** Told why a login failed: for the log, and without secrets. */
  onFailure: (because: string) => void;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 256 * 1024;
/** What the issuer says of itself is asked again after this long. */
const KNOWN_MS = 3600_000;

export function createOidc(options: OidcOptions): Oidc {
  const issuer = new URL(options.issuer);
  const http = {
    [oauth.customFetch]: boundedFetch,
    [oauth.allowInsecureRequests]: isLoopback(issuer),
  };
  const client: oauth.Client = { client_id: options.clientId };
  const proof = options.clientSecret ? oauth.ClientSecretBasic(options.clientSecret) : oauth.None();
  let known: { server: oauth.AuthorizationServer; until: number } | undefined;

  async function discover(): Promise<oauth.AuthorizationServer> {
    if (known && known.until > options.now()) return known.server;
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...http, algorithm: "oidc" }),
    );
    known = { server, until: options.now() + KNOWN_MS };
    return server;
  }

  async function discovered(): Promise<oauth.AuthorizationServer> {
    try {
      const server = await discover();
      if (!server.authorization_endpoint) throw new Error("it names no authorization_endpoint");
      return server;
    } catch (error) {
      options.onFailure(`discovery: ${reasonOf(error)}`);
      throw new ImError("unavailable", "The login server does not answer");
    }
  }

  return {
    async begin() {
      const { authorization_endpoint: endpoint } = await discovered();
      const pending = {
        state: oauth.generateRandomState(),
        nonce: oauth.generateRandomNonce(),
        verifier: oauth.generateRandomCodeVerifier(),
      };
      const url = new URL(endpoint!);
      const asked = {
        response_type: "code",
        client_id: options.clientId,
        redirect_uri: options.redirectUri,
        scope: "openid profile",
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: "S256",
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      return { url: url.href, pending };
    },

    async finish(callback, { state, nonce, verifier }) {
      const server = await discovered();
      try {
        const good = oauth.validateAuthResponse(server, client, callback, state);
        const { redirectUri } = options;
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          proof,
          good,
          redirectUri,
          verifier,
          http,
        );
        const answer = await oauth.processAuthorizationCodeResponse(server, client, response, {
          expectedNonce: nonce,
          requireIdToken: true,
        });
        await oauth.validateApplicationLevelSignature(server, response, http);
        return identityOf(oauth.getValidatedIdTokenClaims(answer)!);
      } catch (error) {
        options.onFailure(reasonOf(error));
        throw new ImError("oidc_failed");
      }
    },
  };
}

function identityOf(claims: oauth.IDToken): OidcIdentity {
  const text = (value: unknown) => typeof value === "string" && value !== "" ? value : undefined;
  return {
    issuer: claims.iss,
    hash: createHash("sha256").update(JSON.stringify([claims.iss, claims.sub])).digest("base64url"),
    username: text(claims.preferred_username),
    displayName: text(claims.name),
  };
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** The issuer is trusted to say who somebody is, and with nothing else: neither with our time nor our memory. */
async function boundedFetch(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_BYTES) throw new Error("the answer is too large");
    parts.push(part);
  }
  const { status, headers } = response;
  return new Response(status === 204 || status === 304 ? null : new Blob(parts), { status, headers });
}

/** Neither the message's details nor what was sent: codes and tokens stand in those. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code } = error as { code?: unknown };
  return `${error.name}: ${error.message.slice(0, 200)}${typeof code === "string" ? ` (${code})` : ""}`;
}
