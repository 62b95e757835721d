import { newRecoveryCodes, newTotpSecret, otpauthUri, parseFactorCode, stepOfCode } from "../auth/totp.ts";
import type { Bus } from "../bus/bus.ts";
import type { Data } from "../data/service.ts";
import { ImError } from "../wire/mod.ts";
import { announceInboxes } from "./announce.ts";
import type { Handlers } from "./handlers.ts";
import { type PasswordProof, provePassword } from "./prove_password.ts";

/** Codes that may be tried for one user, from anywhere, in a window. Who tries knows the password already. */
const MAX_TRIES = 5;
const WINDOW_MS = 300_000;
const RECOVERY_CODES = 10;

export interface FactorParts extends PasswordProof {
  data: Data;
  bus: Bus;
  now: () => number;
  /** What apps call this server beside the code. */
  serverName: string;
}

type Operations = "user.startTotp" | "user.confirmTotp" | "user.disableTotp";

/** The second factor of one's own logins: on, off. */
export function createSecondFactor(parts: FactorParts): Handlers<Operations> {
  const { data, bus, now, serverName: issuer } = parts;
  return {
    "user.startTotp": async (caller, { password }) => {
      const { userId } = caller;
      await provePassword(parts, caller, password, "password");
      const secret = newTotpSecret();
      await data.factors.start({ userId, secret });
      const { user } = await data.profiles.get({ userId });
      return { secret, uri: otpauthUri(secret, { issuer, account: user!.username }) };
    },

    "user.confirmTotp": async ({ userId }, { code }) => {
      const { secret, on } = await attempt(data, userId);
      if (on || !secret) throw new ImError("conflict", "Begin with user.startTotp");
      const typed = parseFactorCode(code);
      const step = typed && "totp" in typed ? stepOfCode(secret, typed.totp, now()) : null;
      if (step === null) throw wrongCode();
      const { codes: recoveryCodes, hashes: recoveryHashes } = newRecoveryCodes(RECOVERY_CODES);
      const { inbox } = await data.factors.confirm({ userId, secret, step, recoveryHashes });
      announceInboxes(bus, [inbox]);
      return { recoveryCodes };
    },

    "user.disableTotp": async (caller, { password, code }) => {
      const { userId } = caller;
      await provePassword(parts, caller, password, "password");
      await useFactor(data, userId, code, now());
      const { inbox } = await data.factors.remove({ userId });
      announceInboxes(bus, [inbox]);
      return {};
    },
  };
}

/**
 * Uses a code, or a recovery code, of somebody who has shown their password. Errors: second_factor_invalid (wrong, or
 * used before), rate_limited (too many were tried), conflict (the factor is off).
 */
export async function useFactor(
  data: Pick<Data, "factors">,
  userId: number,
  code: string,
  now: number,
): Promise<void> {
  const { secret, on } = await attempt(data, userId);
  if (!on) throw new ImError("conflict", "There is no second factor");
  const typed = parseFactorCode(code);
  if (!typed) throw wrongCode();
  if ("recoveryHash" in typed) {
    if ((await data.factors.use({ userId, ...typed })).used) return;
    throw wrongCode();
  }
  const step = stepOfCode(secret, typed.totp, now);
  if (step === null || !(await data.factors.use({ userId, step })).used) throw wrongCode();
}

async function attempt(
  data: Pick<Data, "factors">,
  userId: number,
): Promise<{ secret: string; on: boolean }> {
  const { retryAfterMs, ...tried } = await data.factors.attempt({
    userId,
    maxTries: MAX_TRIES,
    windowMs: WINDOW_MS,
  });
  if (retryAfterMs > 0) throw new ImError("rate_limited", "Too many wrong codes", { retryAfterMs });
  return tried;
}

const wrongCode = () => new ImError("second_factor_invalid", undefined, { field: "code" });
