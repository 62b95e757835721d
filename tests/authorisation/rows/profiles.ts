import { freshName } from "../../support/people.ts";
import { people, type Rows } from "../row.ts";

const password = "correct horse battery";

export const profiles: Rows<
  "user.update" | "user.setPrivacy" | "user.setPassword" | "user.setUsername" | "user.export" | "user.delete"
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
