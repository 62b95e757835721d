import { register } from "../../support/people.ts";
import { admins, type Rows } from "../row.ts";
import type { Actor, Scene } from "../scene.ts";

/** Whom it is tried on: somebody new, where it will succeed. */
async function victim({ url, target }: Scene, { kind }: Actor) {
  return { userId: kind === "serverAdmin" ? (await register(url)).id : target.id };
}

export const admin: Rows<
  | "admin.users"
  | "admin.user"
  | "admin.disable"
  | "admin.enable"
  | "admin.setRole"
  | "admin.endSessions"
  | "admin.deleteUser"
  | "admin.resetPassword"
  | "admin.removeTotp"
  | "admin.groups"
  | "admin.members"
  | "admin.dissolve"
  | "admin.broadcast"
  | "admin.broadcasts"
  | "admin.figures"
  | "admin.audit"
> = {
  "admin.users": { input: () => ({}), expect: admins("ok") },
  "admin.user": { input: ({ target }) => ({ userId: target.id }), expect: admins("ok") },
  "admin.disable": { input: victim, expect: admins("ok") },
  "admin.enable": { input: victim, expect: admins("ok") },
  "admin.setRole": [
    {
      about: "somebody else's",
      input: async (scene, actor) => ({ ...await victim(scene, actor), role: "admin" }),
      expect: admins("ok"),
    },
    {
      about: "one's own",
      input: (_scene, { id }) => ({ userId: id, role: "admin" }),
      expect: admins("conflict"),
    },
  ],
  "admin.endSessions": { input: victim, expect: admins("ok") },
  "admin.deleteUser": { input: victim, expect: admins("ok") },
  "admin.resetPassword": [
    { about: "somebody else's", input: victim, expect: admins("ok") },
    { about: "one's own", input: (_scene, { id }) => ({ userId: id }), expect: admins("conflict") },
  ],
  "admin.removeTotp": [
    { about: "somebody else's", input: victim, expect: admins("ok") },
    { about: "one's own", input: (_scene, { id }) => ({ userId: id }), expect: admins("conflict") },
  ],
  "admin.groups": { input: () => ({}), expect: admins("ok") },
  "admin.members": { input: ({ room }) => ({ conversationId: room.id }), expect: admins("ok") },
  "admin.dissolve": {
    input: async (scene, actor) => ({ conversationId: (await scene.freshRoom(actor)).id }),
    expect: admins("ok"),
  },
  "admin.broadcast": [
    { input: ({ extra }) => ({ text: "to one", userIds: [extra.id] }), expect: admins("ok") },
    {
      about: "to nobody there is",
      input: () => ({ text: "to none", userIds: ["999999999999999"] }),
      expect: admins("user_not_found"),
    },
  ],
  "admin.broadcasts": { input: () => ({}), expect: admins("ok") },
  "admin.figures": { input: () => ({}), expect: admins("ok") },
  "admin.audit": { input: () => ({}), expect: admins("ok") },
};
