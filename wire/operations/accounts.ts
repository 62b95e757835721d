import * as z from "zod";
import { DeviceKind, DisplayName, FactorCode, line, Password, User, Username } from "../schemas.ts";
import { Empty, Ok, type Operation } from "./operation.ts";

/**
 * With `cookie: true` the tokens come as HttpOnly cookies and not in the answer, for web pages: no script
 * can read them.
 */
const Device = {
  deviceName: line(64).optional(),
  deviceKind: DeviceKind.optional().meta({ description: "Default: `web` with cookies, else `other`" }),
  cookie: z.boolean().optional(),
};
const Login = z.object({
  user: User,
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
  expiresIn: z.int().nonnegative().meta({ description: "Seconds until the access token expires" }),
});

export const accounts = {
  "auth.methods": {
    method: "GET",
    path: "/auth/methods",
    access: "public",
    summary:
      "How one may get in here. Where `oidc` is not null a browser logs in at another server too, beginning at " +
      "`GET /api/v1/auth/oidc/start`, and comes back with cookies",
    input: Empty,
    output: z.object({
      registration: z.enum(["open", "closed"]),
      oidc: z.object({ name: z.string().meta({ description: "What the button says" }) }).nullable(),
    }),
  },
  "auth.register": {
    method: "POST",
    idempotent: "done: username_taken",
    path: "/auth/register",
    access: "public",
    summary: "Make an account and log in",
    input: z.strictObject({
      username: Username,
      password: Password,
      displayName: DisplayName.optional(),
      ...Device,
    }),
    output: Login,
  },
  "auth.login": {
    method: "POST",
    path: "/auth/login",
    access: "public",
    summary:
      "Log in: starts a session on this device. Who has a second factor on is answered second_factor_required where the " +
      "password is right and there is no `code`, and calls again with all three",
    input: z.strictObject({
      username: Username,
      password: z.string().max(256),
      code: FactorCode.optional(),
      ...Device,
    }),
    output: Login,
  },
  "auth.refresh": {
    method: "POST",
    idempotent: "harmful",
    path: "/auth/refresh",
    access: "public",
    summary: "Trade a refresh token for new tokens. Each is good once; a second use ends the session",
    input: z.strictObject({ refreshToken: z.string().max(200).optional(), cookie: z.boolean().optional() }),
    output: Login,
  },
  "auth.logout": {
    method: "POST",
    idempotent: "done: session_ended",
    path: "/auth/logout",
    access: "user",
    summary: "End this session on every gateway",
    input: Empty,
    output: Ok,
  },
  "auth.setup": {
    method: "POST",
    idempotent: "done: setup_token_invalid",
    path: "/auth/setup",
    access: "public",
    summary: "Make the first admin, with the one-time token of the admin link",
    input: z.strictObject({
      token: z.string().max(200),
      username: Username,
      password: Password,
      displayName: DisplayName.optional(),
      ...Device,
    }),
    output: Login,
  },
  "auth.resetPassword": {
    method: "POST",
    idempotent: "done: reset_token_invalid",
    path: "/auth/reset-password",
    access: "public",
    summary:
      "Set a password with the one-time token that an admin has handed out, and log in. Who has a second factor on is " +
      "answered second_factor_required when the password is set, and logs in with it and a code",
    input: z.strictObject({ token: z.string().max(200), password: Password, ...Device }),
    output: Login,
  },
} as const satisfies Record<string, Operation>;
