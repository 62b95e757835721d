import * as z from "zod";
import { FileUrl } from "../content.ts";
import {
  Custom,
  DisplayName,
  FactorCode,
  line,
  note,
  Password,
  Privacy,
  Self,
  Username,
} from "../schemas.ts";
import { Bytes, Empty, Ok, type Operation } from "./operation.ts";

/** Of `custom`, as JSON. */
const CUSTOM_BYTES = 4096;
/** Empty: none. */
const orNone = <T extends z.ZodType>(schema: T) => z.union([z.literal(""), schema]);
/** The caller's own, once more: a session that somebody left open is not enough. */
const OwnPassword = z.string().max(256);

/** What people say of themselves, and the end of an account. */
export const profiles = {
  "user.update": {
    method: "PUT",
    path: "/users/me",
    access: "user",
    summary:
      "Change one's profile: what is left out stays, an empty text takes away. E-mail and phone are seen by oneself and " +
      "admins only; they are not checked, and two people may have the same. One's devices are told by `profile.changed`",
    input: z.strictObject({
      displayName: DisplayName.optional(),
      avatar: orNone(FileUrl).optional(),
      bio: note(1000).optional(),
      statusText: orNone(line(100)).optional(),
      custom: Custom.refine(
        (fields) => new TextEncoder().encode(JSON.stringify(fields)).length <= CUSTOM_BYTES,
        `must be at most ${CUSTOM_BYTES} bytes of JSON`,
      ).refine((fields) => !JSON.stringify(fields).includes("\\u0000"), "must not hold U+0000").optional(),
      email: orNone(z.email().max(254)).optional(),
      phone: orNone(z.string().regex(/^\+?[0-9][0-9 ().-]{2,30}$/, "must be a phone number")).optional(),
    }),
    output: Self,
  },
  "user.setPrivacy": {
    method: "PUT",
    path: "/users/me/privacy",
    access: "user",
    summary:
      "Who may find the caller, begin to write to them, and see whether they are online; what is left out stays. Who " +
      "watches already goes on until they subscribe anew",
    input: Privacy.partial().strict(),
    output: Self,
  },
  "user.setPassword": {
    method: "PUT",
    idempotent: "done: invalid_credentials",
    path: "/users/me/password",
    access: "user",
    limit: "auth",
    summary: "Change one's password. All other sessions end",
    input: z.strictObject({ oldPassword: OwnPassword, newPassword: Password }),
    output: z.object({ ended: z.int().nonnegative().meta({ description: "Sessions that ended" }) }),
  },
  "user.startTotp": {
    method: "POST",
    path: "/users/me/totp/start",
    access: "user",
    limit: "auth",
    summary:
      "Begin with a second factor (TOTP, RFC 6238): the secret for an app, in base32 and as the address that a QR code " +
      "shows. Nothing changes until `user.confirmTotp`. Answers conflict when it is on already",
    input: z.strictObject({ password: OwnPassword }),
    output: z.object({ secret: z.string(), uri: z.string() }),
  },
  "user.confirmTotp": {
    method: "POST",
    idempotent: "done: conflict",
    path: "/users/me/totp/confirm",
    access: "user",
    limit: "auth",
    summary:
      "Turn the second factor on, with a code of the app's. From now on a login takes one. The recovery codes, shown " +
      "this once, each stand for a code once. Sessions go on; one's devices are told by `profile.changed`",
    input: z.strictObject({ code: FactorCode }),
    output: z.object({ recoveryCodes: z.array(z.string()) }),
  },
  "user.disableTotp": {
    method: "POST",
    idempotent: "done: conflict",
    path: "/users/me/totp/disable",
    access: "user",
    limit: "auth",
    summary: "Turn the second factor off, and forget its secret and recovery codes",
    input: z.strictObject({ password: OwnPassword, code: FactorCode }),
    output: Ok,
  },
  "user.setUsername": {
    method: "PUT",
    path: "/users/me/username",
    access: "user",
    summary:
      "Change one's username, once in a while (`--username-days`; else rate_limited). The former one stays kept for the " +
      "caller for 30 days, and is then free for anyone",
    input: z.strictObject({ username: Username }),
    output: Self,
  },
  "user.export": {
    method: "GET",
    path: "/users/me/export",
    access: "user",
    limit: "heavy",
    summary:
      "All that is kept of the caller, as one .zip: account.json (profile, privacy), sessions, relations, inbox and " +
      "conversations as JSON lines, for each conversation the entries they may read, and their own files",
    input: Empty,
    output: Bytes,
    stream: { answer: "application/zip" },
  },
  "user.delete": {
    method: "POST",
    idempotent: "done: session_ended",
    path: "/users/me/delete",
    access: "user",
    limit: "auth",
    summary:
      "Delete one's account for good. Its sessions and bots end at once, its name and profile are erased, then its " +
      "friends, groups, files and settings. Messages stay in others' logs, of a `deleted` user. Nobody gets the " +
      "username for 30 days. The only admin of a server is answered conflict",
    input: z.strictObject({ password: OwnPassword }),
    output: Ok,
  },
} as const satisfies Record<string, Operation>;
