import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** What the issuer does wrong, when it is told to. */
export interface Mischief {
  claims?: Record<string, unknown>;
  /** Signs with a key that is not among those it shows. */
  foreignKey?: boolean;
  unsigned?: boolean;
  /** As if the browser had come back from another issuer (RFC 9207). */
  iss?: string;
}

/** A small OpenID provider on this machine, which asks nobody anything: whoever comes is who it was told. */
export interface Issuer {
  url: string;
  clientId: string;
  clientSecret: string;
  person: { sub: string; preferred_username?: string; name?: string };
  mischief: Mischief;
  /** Codes that were traded for tokens, and refused. */
  traded: number;
  refused: number;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const [own, foreign] = [await generateKeyPair("RS256"), await generateKeyPair("RS256")];
  const jwk = { ...await exportJWK(own.publicKey), kid: "k1", alg: "RS256", use: "sig" };
  const codes = new Map<string, URLSearchParams>();
  let issued = 0;

  const server = createServer((request, response) => {
    const url = new URL(request.url!, issuer.url);
    const json = (value: unknown, status = 200) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (url.pathname === "/.well-known/openid-configuration") return json(describe());
    if (url.pathname === "/jwks") return json({ keys: [jwk] });
    if (url.pathname === "/authorize") {
      const code = `code-${++issued}`;
      codes.set(code, url.searchParams);
      const back = new URL(url.searchParams.get("redirect_uri")!);
      back.searchParams.set("code", code);
      back.searchParams.set("state", url.searchParams.get("state")!);
      back.searchParams.set("iss", issuer.mischief.iss ?? issuer.url);
      response.writeHead(302, { location: back.href });
      return response.end();
    }
    if (url.pathname === "/token") {
      return void trade(request).then((answer) => {
        if (!answer) issuer.refused++;
        json(answer ?? { error: "invalid_grant" }, answer ? 200 : 400);
      });
    }
    json({}, 404);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };

  const describe = () => ({
    issuer: issuer.url,
    authorization_endpoint: `${issuer.url}/authorize`,
    token_endpoint: `${issuer.url}/token`,
    jwks_uri: `${issuer.url}/jwks`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
  });

  async function trade(request: IncomingMessage) {
    let body = "";
    for await (const part of request) body += part;
    const form = new URLSearchParams(body);
    const begun = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    // RFC 6749, section 2.3.1: both are encoded as in a form.
    const shown = atob((request.headers.authorization ?? "").replace(/^Basic /, ""));
    const [id, secret] = shown.split(":").map(decodeURIComponent);
    const isRight = begun?.get("code_challenge_method") === "S256" &&
      begun.get("code_challenge") === challenge && begun.get("redirect_uri") === form.get("redirect_uri") &&
      id === issuer.clientId && secret === issuer.clientSecret;
    if (!isRight) return null;
    issuer.traded++;
    const at = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer.url,
      aud: issuer.clientId,
      iat: at,
      exp: at + 60,
      nonce: begun.get("nonce"),
      ...issuer.person,
      ...issuer.mischief.claims,
    };
    return { access_token: "at", token_type: "Bearer", id_token: await sign(claims) };
  }

  async function sign(claims: Record<string, unknown>): Promise<string> {
    if (issuer.mischief.unsigned) {
      const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
      return `${part({ alg: "none" })}.${part(claims)}.`;
    }
    const key = issuer.mischief.foreignKey ? foreign.privateKey : own.privateKey;
    return await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "k1" }).sign(key);
  }

  const issuer: Issuer = {
    url: `http://127.0.0.1:${port}`,
    clientId: "imserver",
    clientSecret: "a-secret-of-the-client",
    person: { sub: "1", preferred_username: "Mei.Ling", name: "美玲" },
    mischief: {},
    traded: 0,
    refused: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
}
