import { STEP_MS, totpCode } from "../../../auth/totp.ts";
import { freshName } from "../../support/people.ts";
import { people, type Rows } from "../row.ts";
import type { Actor, Scene } from "../scene.ts";

const password = "correct horse battery";

/** A factor that waits to be turned on, and its code. */
async function begin({ call }: Scene, { person }: Actor): Promise<{ code: string }> {
  if (!person) return { code: "000000" };
  return codeOf((await call(person, "user.startTotp", { password })).secret);
}

/** The one after, which is good still. */
const codeOf = (secret: string, later = 0) => ({
  code: totpCode(secret, Math.floor(Date.now() / STEP_MS) + later),
});

/** A factor that is on, and another of its codes. */
async function begun({ call }: Scene, { person }: Actor): Promise<{ code: string }> {
  if (!person) return { code: "000000" };
  const { secret } = await call(person, "user.startTotp", { password });
  await call(person, "user.confirmTotp", codeOf(secret));
  return codeOf(secret, 1);
}

export const profiles: Rows<
  | "user.startTotp"
  | "user.confirmTotp"
  | "user.disableTotp"
  | "user.update"
  | "user.setPrivacy"
  | "user.setPassword"
  | "user.setUsername"
  | "user.export"
  | "user.delete"
> = {
  "user.update": { input: () => ({ bio: "hello" }), expect: people("ok") },
  "user.setPrivacy": { input: () => ({ seenBy: "everyone" }), expect: people("ok") },
  "user.setPassword": [
    {
      about: "knowing the old one",
      input: () => ({ oldPassword: password, newPassword: password }),
      expect: people("ok"),
      spends: true,
    },
    {
      about: "not knowing it",
      input: () => ({ oldPassword: "a guess", newPassword: "another password" }),
      expect: people("invalid_credentials"),
    },
  ],
  "user.startTotp": [
    { about: "knowing the password", input: () => ({ password }), expect: people("ok") },
    {
      about: "not knowing it",
      input: () => ({ password: "a guess" }),
      expect: people("invalid_credentials"),
    },
  ],
  "user.confirmTotp": [
    { about: "with a code of the app's", input: begin, expect: people("ok"), spends: true },
    {
      about: "with nothing begun",
      input: () => ({ code: "123456" }),
      expect: people("conflict"),
      spends: true,
    },
  ],
  "user.disableTotp": [
    {
      about: "with both",
      input: async (scene, actor) => ({ password, ...await begun(scene, actor) }),
      expect: people("ok"),
      spends: true,
    },
    {
      about: "without the code",
      input: async (scene, actor) => ({ password, ...await begun(scene, actor), code: "0" }),
      expect: people("second_factor_invalid"),
      spends: true,
    },
    { about: "of none", input: () => ({ password, code: "123456" }), expect: people("conflict") },
  ],
  "user.setUsername": { input: () => ({ username: freshName() }), expect: people("ok"), spends: true },
  "user.export": { input: () => ({}), expect: people("invalid_request"), overRest: people("ok") },
  "user.delete": [
    { about: "knowing the password", input: () => ({ password }), expect: people("ok"), spends: true },
    {
      about: "not knowing it",
      input: () => ({ password: "a guess" }),
      expect: people("invalid_credentials"),
    },
  ],
};
