/** Cookies (RFC 6265) of the web client: HttpOnly, so that no script reads a token; Strict, so that no other
 * site's page sends them along. */

export const ACCESS_COOKIE = "imserver_access";
export const REFRESH_COOKIE = "imserver_refresh";

/** The value of one cookie of a `Cookie` header. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(";") ?? []) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

export interface CookieOptions {
  /** The request came over TLS, so the cookie may travel over nothing else. */
  secure: boolean;
  path: string;
  /** 0 removes the cookie. */
  maxAgeSeconds: number;
  /** Default: Strict. Lax is sent along when another site's page leads here. */
  sameSite?: "Lax";
}

export function formatCookie(
  name: string,
  value: string,
  { secure, path, maxAgeSeconds, sameSite }: CookieOptions,
): string {
  const flags = `Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sameSite ?? "Strict"}`;
  return `${name}=${value}; ${flags}${secure ? "; Secure" : ""}`;
}
