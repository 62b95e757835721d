import type { LoginThrottle } from "../auth/login_throttle.ts";
import type { Passwords } from "../auth/passwords.ts";
import type { Data } from "../data/service.ts";
import { ImError } from "../wire/mod.ts";
import type { Caller } from "./handlers.ts";

export interface PasswordProof {
  data: Pick<Data, "profiles">;
  passwords: Passwords;
  throttle: LoginThrottle;
}

/** The hash of the caller's password, if this is it. Guesses are slowed as at a login, by account. */
export async function provePassword(
  { data, passwords, throttle }: PasswordProof,
  { userId }: Caller,
  password: string,
  field: string,
): Promise<string> {
  const key = `user ${userId}`;
  await throttle.check(key, key);
  const { hash } = await data.profiles.passwordHash({ userId });
  if (await passwords.verify(hash || null, password)) return hash;
  await throttle.failed(key, key);
  throw new ImError("invalid_credentials", "The password is wrong", { field });
}
