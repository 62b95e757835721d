import type { Caller, Origin } from "../chat/handlers.ts";
import type { Logger } from "../kit/log.ts";
import { type ErrorCode, ImError, type OperationName } from "../wire/mod.ts";

/**
 * One line of the log for every decision about who gets in and for every refusal of access: what was asked, from
 * which address, about which account. Never a name that was tried: people type passwords into the wrong field.
 */
export interface SecurityLog {
  done(name: string, caller: Caller | null, origin: Origin, output: unknown): void;
  refused(name: string, caller: Caller | null, origin: Origin, error: unknown): void;
}

/** What lets somebody in, shuts them out, or changes how they show who they are. Admins' acts have a log of their own. */
const DECISIONS: ReadonlySet<string> = new Set<OperationName>([
  "auth.register",
  "auth.setup",
  "auth.login",
  "auth.resetPassword",
  "auth.logout",
  "session.revoke",
  "session.revokeOthers",
  "user.setPassword",
  "user.setUsername",
  "user.startTotp",
  "user.confirmTotp",
  "user.disableTotp",
  "user.delete",
  "bot.createToken",
  "bot.rotateToken",
  "bot.revokeToken",
]);

/** What an attack looks like from here. A token that has run out is none. */
const REFUSALS: ReadonlySet<string> = new Set<ErrorCode>([
  "account_disabled",
  "forbidden",
  "invalid_credentials",
  "refresh_reused",
  "registration_closed",
  "reset_token_invalid",
  "scope_missing",
  "second_factor_required",
  "second_factor_invalid",
  "second_factor_needed",
  "setup_token_invalid",
]);

export function createSecurityLog(log: Logger): SecurityLog {
  return {
    done(name, caller, { address }, output) {
      if (DECISIONS.has(name)) log.info(name, { userId: caller?.userId ?? userIdIn(output), address });
    },
    refused(name, caller, { address }, error) {
      if (!(error instanceof ImError) || !REFUSALS.has(error.code)) return;
      const userId = caller?.userId ?? error.accountId;
      log.info(`${name} refused`, { because: error.code, userId, address });
    },
  };
}

/** Whom a login has let in. */
function userIdIn(output: unknown): string | undefined {
  return (output as { user?: { id?: string } } | null)?.user?.id;
}
