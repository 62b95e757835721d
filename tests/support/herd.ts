import { setTimeout as delay } from "node:timers/promises";
import { Wire } from "./people.ts";

/** Clients that come back together after the server was away, and obey what it tells them. */

export interface Return {
  wire: Wire;
  /** How often it was told to come later. */
  refusals: number;
}

/** Connects as a well-behaved client does: turned away with 4004, it waits for as long as it was told. */
export async function comeBack(url: string, accessToken: string): Promise<Return> {
  for (let refusals = 0;; refusals++) {
    const wire = await Wire.tryOpen(url, accessToken);
    if (wire instanceof Wire) return { wire, refusals };
    if (wire.code !== 4004) throw new Error(`closed with ${wire.code} ${wire.reason}`);
    const { code, retryAfterMs } = JSON.parse(wire.reason);
    if (code !== "overloaded" || !(retryAfterMs > 0 && retryAfterMs <= 60_000)) throw new Error(wire.reason);
    await delay(retryAfterMs);
  }
}

/** So many sockets of these people, all at once. */
export async function herd(url: string, tokens: string[], count: number): Promise<Return[]> {
  return await Promise.all(Array.from({ length: count }, (_, i) => comeBack(url, tokens[i % tokens.length])));
}
