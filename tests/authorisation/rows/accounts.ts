import { freshName, register } from "../../support/people.ts";
import { anybody, people, type Rows } from "../row.ts";
import { logIn } from "../scene.ts";

const password = "correct horse battery";

export const accounts: Rows<
  | "auth.methods"
  | "auth.register"
  | "auth.login"
  | "auth.refresh"
  | "auth.logout"
  | "auth.setup"
  | "auth.resetPassword"
> = {
  "auth.methods": { input: () => ({}), expect: anybody("ok") },
  "auth.register": { input: () => ({ username: freshName(), password }), expect: anybody("ok") },
  "auth.login": {
    input: ({ extra }) => ({ username: extra.username, password }),
    expect: anybody("ok"),
  },
  "auth.refresh": {
    input: async ({ url, extra }) => ({ refreshToken: (await logIn(url, extra)).refreshToken }),
    expect: anybody("ok"),
  },
  "auth.logout": { input: () => ({}), expect: people("ok"), spends: true },
  "auth.setup": {
    input: () => ({ token: "x".repeat(43), username: freshName(), password }),
    expect: anybody("setup_token_invalid"),
  },
  "auth.resetPassword": [
    {
      about: "with a token that an admin has given",
      input: async ({ call, url, boss }) => {
        const { id: userId } = await register(url);
        return { token: (await call(boss, "admin.resetPassword", { userId })).token, password };
      },
      expect: anybody("ok"),
    },
    {
      about: "without one",
      input: () => ({ token: "x".repeat(43), password }),
      expect: anybody("reset_token_invalid"),
    },
  ],
};
